"""Regions of a file that are made one conflict, because two changes in them do not go together."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from copperplate.updating.lists.line_merger import LineMerger, Texts, has_conflict

Lines = list[str]


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines of the base, from `start` to `end`, and what a side has in their place."""

    start: int
    end: int
    lines: tuple[str, ...]


def with_one_conflict(merger: LineMerger, texts: Texts, is_right: Callable[[str], bool]) -> str:
    """Git's merge, with one conflict around the changes that make its result wrong."""
    base, ours, theirs = (text.splitlines(keepends=True) for text in texts)
    changes = _changes(base, ours), _changes(base, theirs)

    def is_wrong(text: str) -> bool:
        return has_conflict(text) or not is_right(text)

    by_ours = [change for change in changes[0] if is_wrong(merger.merge((texts[0], _with(base, [change]), texts[2])))]
    by_theirs = [change for change in changes[1] if is_wrong(merger.merge((texts[0], texts[1], _with(base, [change]))))]
    wrong = [*by_ours, *by_theirs] if by_ours and by_theirs else [*changes[0], *changes[1]]
    start, end = _widened(min(change.start for change in wrong), max(change.end for change in wrong), changes)
    parts = [_split(base, start, end, side) for side in ((), *changes)]
    above, within, below = ((part[0], part[1], part[2]) for part in zip(*parts, strict=True))
    return merger.merge(above) + merger.conflict(within) + merger.merge(below)


def _changes(base: Lines, side: Lines) -> tuple[_Change, ...]:
    codes = SequenceMatcher(None, base, side, autojunk=False).get_opcodes()
    return tuple(
        _Change(start, end, tuple(side[first:last])) for tag, start, end, first, last in codes if tag != "equal"
    )


def _widened(start: int, end: int, changes: tuple[tuple[_Change, ...], ...]) -> tuple[int, int]:
    """With all changes that overlap or touch these lines of the base, so that none is cut in two."""
    touching = [change for side in changes for change in side if change.start <= end and start <= change.end]
    wider = min([start, *(change.start for change in touching)]), max([end, *(change.end for change in touching)])
    return wider if wider == (start, end) else _widened(*wider, changes)


def _split(base: Lines, start: int, end: int, changes: tuple[_Change, ...]) -> tuple[str, str, str]:
    """A side above, within and below lines of the base."""
    above = [change for change in changes if change.end < start]
    within = [change for change in changes if start <= change.start and change.end <= end]
    below = [change for change in changes if change.start > end]
    return _with(base, above, 0, start), _with(base, within, start, end), _with(base, below, end)


def _with(base: Lines, changes: list[_Change], start: int = 0, end: int | None = None) -> str:
    """Lines of the base, changed."""
    result: Lines = []
    at = start
    for change in changes:
        result += [*base[at : change.start], *change.lines]
        at = change.end
    return "".join([*result, *base[at:end]])
