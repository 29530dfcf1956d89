"""YAML documents as lists: the keys of their block mappings, in which the order means nothing."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

import yaml

from copperplate.updating.lists import check
from copperplate.updating.lists.listing import Element, Frame, Listing

_BLANK_OR_COMMENT = re.compile(r"(?P<indent>[ ]*)(?:#.*)?\n")


def document(source: str) -> Mapping[str, Listing]:
    """The outermost mapping; nothing where there is none, or it is laid out in an unknown way."""
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return {}
    lines = source.splitlines(keepends=True)
    if not source.endswith("\n") or "".join(lines) != source or source.count("\n") != len(lines):
        return {}
    listing = _mapping(node, lines, 0, len(lines), "") if isinstance(node, yaml.MappingNode) else None
    return {"": listing} if listing else {}


def data(source: str) -> object:
    """Raises `ValueError`."""
    try:
        return _plain(yaml.compose(source, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def repeats(source: str) -> Counter[str]:
    """The elements of its sequences, which a merge must not repeat; raises `ValueError`."""
    return check.elements(data(source))


def _mapping(node: yaml.MappingNode, lines: list[str], first: int, end: int, opening: str) -> Listing | None:
    """The mapping in `lines[first:end]`, below the line `opening` of its own key."""
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
    """Where the comment that belongs to the key in line `start` begins, and the blank lines above it."""
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
