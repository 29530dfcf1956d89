"""Languages of files with known lists, by file name; the lists of YAML files and of files of lines."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath

import yaml

from copperplate.git.scratch import Scratch
from copperplate.update.lists import line_merger, python, toml
from copperplate.update.lists.listing import Element, Frame, Listing, Order, Rules
from copperplate.update.lists.python import Conventions
from copperplate.update.merge import Sides

_VARIABLE = re.compile(r"(?:#[ ]?)?(?:export )?(?P<name>[A-Z_][A-Z0-9_]*)=.*\n")
_ACTIVE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"""
    r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|(?!["'`])(?:\\\n|[^\n])*)""",
    re.MULTILINE | re.DOTALL,
)
"""Variable outside a comment, with its value, which may have several lines."""
_QUOTED = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|`[^`\n]*`)"""
_OPEN = re.compile(rf"""^[# \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*(?!{_QUOTED})["'`]|\\$""", re.MULTILINE)
"""Value that continues in the next line: an open quote, or a backslash at the end."""
_PATTERN = re.compile(r"(?P<name>[^#\s].*)\n")


def variables(source: str) -> Mapping[str, Listing]:
    """Return the variables as a list. A variable in a comment counts too: it shows a default.

    Returns nothing if a value has several lines, because they would look like separate entries.
    """
    return {} if _OPEN.search(source) else _listed(source, _VARIABLE, Order.FREE)


def patterns(source: str) -> Mapping[str, Listing]:
    """Return the patterns as a list. The last match decides, so the order matters if one of them is negated."""
    is_negated = any(line.startswith("!") for line in source.splitlines())
    return _listed(source, _PATTERN, Order.FIXED if is_negated else Order.FREE)


def line_data(source: str) -> object:
    """Return the lines that are neither blank nor a comment."""
    return [line for line in source.splitlines() if line.strip() and not line.startswith("#")]


def repeated_variables(source: str) -> Counter[str]:
    """Return the variables that are set; a merge must not repeat one."""
    return Counter(found["name"] for found in _ACTIVE.finditer(source))


def repeated_patterns(source: str) -> Counter[str]:
    """Return the patterns; a merge must not repeat one."""
    matches = map(_PATTERN.fullmatch, source.splitlines(keepends=True))
    return Counter(found["name"].rstrip() for found in matches if found)


def _listed(source: str, pattern: re.Pattern[str], order: Order) -> Mapping[str, Listing]:
    elements: list[Element] = []
    before = ""
    for line in source.splitlines(keepends=True):
        if found := pattern.fullmatch(line):
            elements.append(Element(found["name"], line, before))
            before = ""
        else:
            before += line
    return {"": Listing(0, Frame("", before), tuple(elements), Rules(order))}


_BLANK_OR_COMMENT = re.compile(r"(?P<indent>[ ]*)(?:#.*)?\n")


def yaml_document(source: str) -> Mapping[str, Listing]:
    """Return the outermost mapping; nothing if there is none, or if its layout is unknown."""
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return {}
    lines = source.splitlines(keepends=True)
    if not source.endswith("\n") or "".join(lines) != source or source.count("\n") != len(lines):
        return {}
    listing = _mapping(node, lines, 0, len(lines), "") if isinstance(node, yaml.MappingNode) else None
    return {"": listing} if listing else {}


def yaml_data(source: str) -> object:
    """Raises `ValueError`."""
    try:
        return _plain(yaml.compose(source, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def yaml_repeats(source: str) -> Counter[str]:
    """Return the elements of its sequences; a merge must not repeat one. Raises `ValueError`."""
    return line_merger.elements(yaml_data(source))


def _mapping(node: yaml.MappingNode, lines: list[str], first: int, end: int, opening: str) -> Listing | None:
    """Return the mapping in `lines[first:end]`, below `opening`, the line of its key."""
    if node.flow_style or not node.value:
        return None
    column = node.value[0][0].start_mark.column
    starts = [key.start_mark.line for key, _ in node.value]
    bounds = [first, *(_above(lines, start, column) for start in (*starts[1:], end))]
    elements = []
    for (key, value), start, (above, below) in zip(node.value, starts, pairwise(bounds), strict=True):
        if start < above or key.start_mark.column != column or lines[start][:column].strip():
            return None
        before, text = "".join(lines[above:start]), "".join(lines[start:below])
        inner = None
        if isinstance(value, yaml.MappingNode) and value.start_mark.line > start:
            inner = _mapping(value, lines, start + 1, below, lines[start])
        elements.append(Element(f"{key.tag} {key.value}", text, before, inner=inner))
    closing = "".join(lines[bounds[-1] : end])
    at = sum(map(len, lines[:first])) - len(opening)
    listing = Listing(at, Frame(opening, closing), tuple(elements))
    return listing if listing.render() == opening + "".join(lines[first:end]) else None


def _above(lines: list[str], start: int, column: int) -> int:
    """Return where the comment above the key in line `start` begins, and the blank lines above that comment."""
    at = start
    while at and (found := _BLANK_OR_COMMENT.fullmatch(lines[at - 1])):
        if lines[at - 1].strip() and len(found["indent"]) > column:
            break
        at -= 1
    return at


def _plain(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        pairs = [(str(_plain(key)), _plain(value)) for key, value in node.value]
        if len(dict(pairs)) < len(pairs):
            raise ValueError(f"a key stands twice in line {node.start_mark.line + 1}")
        return dict(pairs)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    return f"{node.tag} {node.value}" if node else None


_SETTINGS = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Language:
    listings: Callable[[str], Mapping[str, Listing]]
    """Lists of a text, by names that are the same in each version."""
    data: Callable[[str], object]
    """Data of a text; raises `ValueError` if it cannot be read."""
    repeats: Callable[[str], Counter[str]]
    """Entries that may not be more frequent than in one side; raises `ValueError` if a text cannot be read."""
    is_set: Callable[[str], bool] = lambda _: True
    """True if both sides may add tables to the array at this path."""


def language(path: str, conventions: Conventions) -> Language | None:
    pure = PurePosixPath(path)
    if pure.suffix == ".toml":
        return Language(toml.document, toml.data, toml.repeats, toml.is_set)
    if pure.suffix in {".py", ".pyi"}:
        return Language(lambda source: python.module(source, conventions), python.data, python.repeats)
    if pure.suffix in {".yaml", ".yml"}:
        return Language(yaml_document, yaml_data, yaml_repeats)
    if pure.name.startswith(".env.") or pure.suffix == ".env":
        return Language(variables, line_data, repeated_variables)
    if pure.name in {".gitignore", ".dockerignore"}:
        return Language(patterns, line_data, repeated_patterns)
    return None


def conventions_of(scratch: Scratch, sides: Sides) -> Conventions:
    """Return the project's conventions, from its modules and its Ruff settings."""
    entries = scratch.entries(sides.ours)
    modules = (path.removeprefix("src/") for path in entries if path.endswith(".py"))
    found = Conventions(first_party=frozenset(path.partition("/")[0].removesuffix(".py") for path in modules))
    try:
        length = tomllib.loads(scratch.text(entries[_SETTINGS]))["tool"]["ruff"]["line-length"]
    except (KeyError, TypeError, ValueError):
        return found
    return replace(found, line_length=length) if isinstance(length, int) else found
