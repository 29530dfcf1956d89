"""Conflicts in the code of a resource, settled so that it can be imported: for the revision only, never applied."""

import ast
from collections.abc import Sequence
from difflib import SequenceMatcher

MARKER_SIZE = 15
"""Characters of the marks that separate the sides of a conflict: more than a line of code begins with."""

_OURS, _BASE, _THEIRS, _END = ("<", "|", "=", ">")


def settle(merged: str) -> str:
    """Return `merged`, which has conflicts with their base, with the template's side of each.

    Lines that the user has inserted follow, so that columns of the user's are still there, unless the code would not be
    valid with them.
    """
    whole, plain = _settled(merged, with_own=True), _settled(merged, with_own=False)
    try:
        ast.parse(whole)
    except (SyntaxError, ValueError):
        return plain
    return whole


def _settled(merged: str, *, with_own: bool) -> str:
    sides: dict[str, list[str]] = {}
    side, found = "", list[str]()
    for line in merged.splitlines(keepends=True):
        mark = line[0] if line[:MARKER_SIZE] == line[:1] * MARKER_SIZE else ""
        if mark == _OURS:
            sides = {_OURS: [], _BASE: [], _THEIRS: []}
            side = mark
        elif side and mark in sides:
            side = mark
        elif side and mark == _END:
            own = _inserted(sides[_BASE], sides[_OURS]) if with_own else []
            found += [*sides[_THEIRS], *own]
            side = ""
        else:
            (sides[side] if side else found).append(line)
    return "".join(found)


def _inserted(base: Sequence[str], ours: Sequence[str]) -> list[str]:
    """Return the lines that were inserted between those of the base, or behind one of them that was changed."""
    found: list[str] = []
    for verb, start, stop, first, last in SequenceMatcher(a=base, b=ours, autojunk=False).get_opcodes():
        if verb in {"insert", "replace"}:
            found += ours[first + (stop - start) : last]
    return found
