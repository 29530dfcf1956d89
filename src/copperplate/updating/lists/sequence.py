"""Sequences of elements with commas between them, in one line or one element a line, as TOML and Python write them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copperplate.updating.lists.listing import Element, Frame, Listing, Rules

_REST_OF_LINE = re.compile(r"(?P<comma>,?)(?P<after>[ \t]*(?:#[^\n]*)?\n)")
_END_OF_OPENING = re.compile(r"[ \t]*(?:#[^\n]*)?\n")


@dataclass(frozen=True, slots=True)
class Brackets:
    """Where a sequence stands in its text: its start, the insides of its brackets, its end."""

    start: int
    opened: int
    closed: int
    end: int


def sequence(
    source: str,
    brackets: Brackets,
    spans: Sequence[tuple[int, int]],
    key: Callable[[str], str],
    rules: Rules,
) -> Listing | None:
    """The elements at `spans`; None where they are laid out in a way that is not known here."""
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
