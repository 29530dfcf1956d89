"""Listing: the elements of one list in a text, such as an array or the imports of a module, and their formatting."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

SortKey = Callable[["Element"], object]
Spacing = Callable[["Element", "Element"], str]


class Order(Enum):
    FREE = auto()
    """The order of the elements has no meaning: they are a set, or the keys of a mapping."""
    FIXED = auto()
    """The order may matter, so it is a conflict if both sides add an element at the same place."""


@dataclass(frozen=True, slots=True)
class Element:
    key: str
    """Identity of the element: the name of a package, a table or an imported module."""
    text: str
    before: str = ""
    """Blank lines, comment lines and indentation before it."""
    after: str = ""
    """Rest of its line: a comment, and the line end."""
    inner: "Listing | None" = None
    """Inner list, if the element is a list; `text` is its rendering."""

    @property
    def content(self) -> tuple[str, str, str]:
        """Return what is compared with other versions of the element: its text without white space around it."""
        return self.before.strip(), self.text.strip(), self.after.strip()


@dataclass(frozen=True, slots=True)
class Frame:
    """Text around the elements."""

    opening: str
    closing: str
    is_multiline: bool = True
    has_trailing_comma: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    order: Order = Order.FREE
    separator: str = ""
    """Separator: a comma, or nothing if each element has its own lines."""
    sort_keys: tuple[SortKey, ...] = ()
    """Sort keys. The first one that fits all three versions decides where an element is inserted."""
    parts: Callable[[str], tuple[str, ...]] | None = None
    """Splits an element into parts that each side may change separately; none if it has no parts."""
    spacing: Spacing | None = None
    """Blank lines between two elements, if there is a rule."""
    needs_comma_if_single: bool = False
    width: int | None = None
    """Longest line; None if lists are not wrapped."""
    wrapped: Frame | None = None
    """Frame for a list that would be longer than one line."""
    indent: str = ""
    """Indentation of an element on its own line."""


@dataclass(frozen=True, slots=True)
class Listing:
    start: int
    """Position in the text of its file, in characters."""
    frame: Frame
    elements: tuple[Element, ...]
    rules: Rules = Rules()

    @property
    def keys(self) -> list[str]:
        return [element.key for element in self.elements]

    def render(self) -> str:
        frame = self.frame
        if not self.rules.separator:
            return frame.opening + "".join(map(_text, self.elements)) + frame.closing
        if not frame.is_multiline:
            comma = self.rules.separator if self.rules.needs_comma_if_single and len(self.elements) == 1 else ""
            texts = [element.text for element in self.elements]
            return frame.opening + f"{self.rules.separator} ".join(texts) + comma + frame.closing
        commas = [self.rules.separator] * len(self.elements)
        if commas and not frame.has_trailing_comma:
            commas[-1] = ""
        pairs = zip(self.elements, commas, strict=True)
        return frame.opening + "".join(_text(element, comma) for element, comma in pairs) + frame.closing


def _text(element: Element, separator: str = "") -> str:
    return element.before + element.text + separator + element.after


def replaced(text: str, changes: Iterable[tuple[Listing, str]]) -> str:
    """Return `text` with other lists in place of its own."""
    for listing, new in sorted(changes, key=lambda change: change[0].start, reverse=True):
        text = text[: listing.start] + new + text[listing.start + len(listing.render()) :]
    return text


_REST_OF_LINE = re.compile(r"(?P<comma>,?)(?P<after>[ \t]*(?:#[^\n]*)?\n)")
_END_OF_OPENING = re.compile(r"[ \t]*(?:#[^\n]*)?\n")


@dataclass(frozen=True, slots=True)
class Brackets:
    """Position of a sequence in its text: its start, the inside of its brackets, and its end."""

    start: int
    opened: int
    closed: int
    end: int


def sequence(
    source: str, brackets: Brackets, spans: Sequence[tuple[int, int]], key: Callable[[str], str], rules: Rules
) -> Listing | None:
    """Return the elements at `spans`; None if their layout is unknown."""
    opening_line = _END_OF_OPENING.match(source, brackets.opened)
    if opening_line and opening_line.end() <= brackets.closed:
        found = _in_lines(source, brackets, spans, key, opening_line.end())
    else:
        found = _in_one_line(source, brackets, spans, key)
    if found is None:
        return None
    frame, elements = found
    listing = Listing(brackets.start, frame, tuple(elements), rules)
    return listing if listing.render() == source[brackets.start : brackets.end] else None


def _in_lines(
    source: str, brackets: Brackets, spans: Sequence[tuple[int, int]], key: Callable[[str], str], at: int
) -> tuple[Frame, list[Element]] | None:
    elements: list[Element] = []
    opening, has_comma = source[brackets.start : at], True
    for start, end in spans:
        rest = _REST_OF_LINE.match(source, end)
        if rest is None or not has_comma:
            return None
        text = source[start:end]
        elements.append(Element(key(text), text, source[at:start], rest["after"]))
        at, has_comma = rest.end(), bool(rest["comma"])
    return Frame(opening, source[at : brackets.end], has_trailing_comma=has_comma), elements


def _in_one_line(
    source: str, brackets: Brackets, spans: Sequence[tuple[int, int]], key: Callable[[str], str]
) -> tuple[Frame, list[Element]]:
    texts = [source[start:end] for start, end in spans]
    frame = Frame(source[brackets.start : brackets.opened], source[brackets.closed : brackets.end], is_multiline=False)
    return frame, [Element(key(text), text) for text in texts]
