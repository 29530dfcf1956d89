"""Line merger: git's merge of the lines of one file, and checks of a merged text by its words and its data."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from copperplate.git.scratch import Scratch
from copperplate.update.merge import OURS

Texts = tuple[str, str, str]
"""Three versions of a file: old, the project's, and the template's."""
MARK = re.compile(rf"^(?P<mark><+) {re.escape(OURS)}\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LineMerger:
    scratch: Scratch
    labels: Texts
    marker_size: int

    def merge(self, texts: Texts, *flags: str) -> str:
        return self.scratch.merge_file(list(zip(texts, self.labels, strict=True)), *flags, marker_size=self.marker_size)

    def conflicts(self, texts: Texts) -> bool:
        return has_conflict(self.merge(texts))

    def conflict(self, texts: Texts) -> str:
        """Write three whole texts as one conflict, in git's format."""
        base, ours, theirs = texts
        base_label, ours_label, theirs_label = self.labels
        parts = [("<", ours_label, ours), ("=", "", theirs)]
        if self.scratch.repository.conflict_style in {"diff3", "zdiff3"}:
            parts.insert(1, ("|", base_label, base))
        lines = [f"{mark * self.marker_size} {label}".rstrip() + f"\n{_ended(text)}" for mark, label, text in parts]
        return "".join(lines) + f"{'>' * self.marker_size} {theirs_label}\n"


def has_conflict(text: str) -> bool:
    return MARK.search(text) is not None


def with_line_feeds(texts: Texts) -> tuple[Texts, bool]:
    """Return the texts without carriage returns, and for each whether it had any."""
    if not all("\r\n" in text for text in texts):
        return texts, False
    base, ours, theirs = (text.replace("\r\n", "\n") for text in texts)
    return (base, ours, theirs), True


def has_plain_lines(text: str) -> bool:
    """True if every line, also the last, ends in a line feed and no other line end occurs."""
    return text.endswith("\n") and "\r" not in text and len(text.splitlines()) == text.count("\n")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


Lines = list[str]


@dataclass(frozen=True, slots=True)
class _Change:
    """Change of a side: lines of the base, from `start` to `end`, and the lines in their place."""

    start: int
    end: int
    lines: tuple[str, ...]


def with_one_conflict(merger: LineMerger, texts: Texts, is_right: Callable[[str], bool]) -> str:
    """Return git's merge, with one conflict around the changes that make its result wrong."""
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
    codes = [code for code in SequenceMatcher(None, base, side, autojunk=False).get_opcodes() if code[0] != "equal"]
    return tuple(_Change(start, end, tuple(side[first:last])) for _, start, end, first, last in codes)


def _widened(start: int, end: int, changes: tuple[tuple[_Change, ...], ...]) -> tuple[int, int]:
    """Widen the range by all changes that overlap or touch it, so that none is cut in two."""
    touching = [change for side in changes for change in side if change.start <= end and start <= change.end]
    wider = min([start, *(change.start for change in touching)]), max([end, *(change.end for change in touching)])
    return wider if wider == (start, end) else _widened(*wider, changes)


def _split(base: Lines, start: int, end: int, changes: tuple[_Change, ...]) -> tuple[str, str, str]:
    """Split a side into its parts above, within and below these lines of the base."""
    above = [change for change in changes if change.end < start]
    within = [change for change in changes if start <= change.start and change.end <= end]
    below = [change for change in changes if change.start > end]
    return _with(base, above, 0, start), _with(base, within, start, end), _with(base, below, end)


def _with(base: Lines, changes: list[_Change], start: int = 0, end: int | None = None) -> str:
    """Return lines of the base with these changes."""
    result: Lines = []
    at = start
    for change in changes:
        result += [*base[at : change.start], *change.lines]
        at = change.end
    return "".join([*result, *base[at:end]])


_WORD = re.compile(r"""[^\s,()\[\]{}"'<>=!~;]+|[<>=!~;]+""")

IsSet = Callable[[str], bool]
Four = tuple[object, object, object, object]
"""Data of the base, both sides and the result."""


def has_all_words(base: str, ours: str, theirs: str, result: str) -> bool:
    """True if `result` has each word, also in comments, as often as the added and removed lines of both sides require.

    A word in lines that both sides add, or both remove, may count once or twice.
    """
    before, now = _words(base.splitlines()), _words(result.splitlines())
    (added, removed), (also_added, also_removed) = (_changed_words(base, side) for side in (ours, theirs))
    for word in {*before, *now, *added, *also_added}:
        count = before[word] + added[word] + also_added[word] - removed[word] - also_removed[word]
        lowest = count - min(added[word], also_added[word])
        highest = count + min(removed[word], also_removed[word])
        if not lowest <= now[word] <= highest:
            return False
    return True


def _changed_words(base: str, side: str) -> tuple[Counter[str], Counter[str]]:
    """Count the words of the lines that one side has added, and of those that it has removed."""
    before, after = (Counter(line.strip() for line in text.splitlines()) for text in (base, side))
    return _words((after - before).elements()), _words((before - after).elements())


def _words(lines: Iterable[str]) -> Counter[str]:
    return Counter(word for line in lines for word in _WORD.findall(line))


def agrees(versions: Four, is_set: IsSet, path: str = "") -> bool:
    """True if the result is exactly the base with the changes of both sides."""
    base, ours, theirs, result = versions
    if ours in (base, theirs):
        return bool(result == theirs)
    if theirs == base:
        return bool(result == ours)
    if isinstance(ours, dict) and isinstance(theirs, dict) and isinstance(result, dict):
        before = base if isinstance(base, dict) else {}
        keys = {*before, *ours, *theirs, *result}
        values = {key: (before.get(key), ours.get(key), theirs.get(key), result.get(key)) for key in keys}
        return all(agrees(four, is_set, f"{path}.{key}".lstrip(".")) for key, four in values.items())
    if isinstance(ours, list) and isinstance(theirs, list) and isinstance(result, list):
        known = base if isinstance(base, list) else []
        tables = [_by_name(values) for values in (known, ours, theirs, result)]
        if not all(table or not values for table, values in zip(tables, (known, ours, theirs, result), strict=True)):
            return _has_all_elements(known, ours, theirs, result)
        both_add = all(side.keys() - tables[0].keys() for side in tables[1:3])
        return (is_set(path) or not both_add) and agrees((tables[0], tables[1], tables[2], tables[3]), is_set, path)
    return False


def elements(
    value: object, named: Callable[[str, object], str] = lambda _, element: repr(element), path: str = ""
) -> Counter[str]:
    """Return the elements of all lists in `value`, each with its path. The first key names a table in a list."""
    found: Counter[str] = Counter()
    if isinstance(value, dict):
        for key, inner in value.items():
            found += elements(inner, named, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for element in value:
            is_table = isinstance(element, dict) and element
            name = repr(next(iter(element.items()))) if is_table else named(path, element)
            found[f"{path} {name}"] += 1
            found += elements(element, named, f"{path}.{name}")
    return found


def repeats_nothing(ours: Counter[str], theirs: Counter[str], result: Counter[str]) -> bool:
    """True if every repeated entry of the result is as frequent in one of the sides."""
    return all(count <= max(1, ours[name], theirs[name]) for name, count in result.items())


def _has_all_elements(base: list[object], ours: list[object], theirs: list[object], result: list[object]) -> bool:
    counts = [Counter(map(repr, values)) for values in (base, ours, theirs, result)]
    for value in set().union(*counts):
        before, by_ours, by_theirs, now = (count[value] for count in counts)
        if by_ours != before and by_theirs not in {before, by_ours}:
            return False
        if now != (by_theirs if by_ours == before else by_ours):
            return False
    return True


def _by_name(values: list[object]) -> dict[str, object]:
    """Return the tables of a list by the value of their first key; nothing if it has other elements."""
    tables = [value for value in values if isinstance(value, dict) and value]
    named: dict[str, object] = {repr(next(iter(table.items()))): table for table in tables}
    return named if len(named) == len(values) else {}
