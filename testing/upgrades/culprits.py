"""Culprits: the changes of many that break something, found by trying parts of them."""

from collections.abc import Callable, Sequence
from itertools import pairwise

HALVES = 2

Breaks = Callable[[frozenset[str]], bool]


def culprits(names: frozenset[str], breaks: Breaks) -> list[frozenset[str]]:
    """Find the sets that break something, usually of one name each. Names outside these sets break nothing.

    The empty set must not break.
    """
    found = []
    while names and breaks(names):
        found.append(smallest(names, breaks))
        names -= found[-1]
    return found


def smallest(names: frozenset[str], breaks: Breaks) -> frozenset[str]:
    """Return a part of `names` that breaks, and that does not break without any one of them (ddmin: Zeller, 2002)."""
    left, count = sorted(names), HALVES
    while len(left) > 1:
        parts = _split(left, count)
        rests = [sorted(set(left) - set(part)) for part in parts] if count > HALVES else []
        if part := next((part for part in parts if breaks(frozenset(part))), None):
            left, count = part, HALVES
        elif rest := next((rest for rest in rests if breaks(frozenset(rest))), None):
            left, count = rest, count - 1
        elif count < len(left):
            count = min(len(left), count * 2)
        else:
            break
    return frozenset(left)


def _split(names: Sequence[str], count: int) -> list[list[str]]:
    edges = [round(number * len(names) / count) for number in range(count + 1)]
    return [list(names[start:end]) for start, end in pairwise(edges)]
