"""Checks of a merged file that do not depend on how it was merged: its data, and its words."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

_WORD = re.compile(r"""[^\s,()\[\]{}"'<>=!~;]+|[<>=!~;]+""")

IsSet = Callable[[str], bool]
Four = tuple[object, object, object, object]
"""What the base, both sides and the result mean."""


def has_all_words(base: str, ours: str, theirs: str, result: str) -> bool:
    """Whether `result` has each word as often as the lines that both sides add and remove make it, with the comments.

    A word in lines that both add, or that both remove, may count once or twice.
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
    """The words of the lines that one side has added, and of those that it has removed."""
    before, after = (Counter(line.strip() for line in text.splitlines()) for text in (base, side))
    return _words((after - before).elements()), _words((before - after).elements())


def _words(lines: Iterable[str]) -> Counter[str]:
    return Counter(word for line in lines for word in _WORD.findall(line))


def agrees(versions: Four, is_set: IsSet, path: str = "") -> bool:
    """Whether the result is the base with the changes of both sides, and nothing else."""
    base, ours, theirs, result = versions
    if ours in (base, theirs):
        return bool(result == theirs)
    if theirs == base:
        return bool(result == ours)
    if isinstance(ours, dict) and isinstance(theirs, dict) and isinstance(result, dict):
        before = base if isinstance(base, dict) else {}
        return all(
            agrees(
                (before.get(key), ours.get(key), theirs.get(key), result.get(key)), is_set, f"{path}.{key}".lstrip(".")
            )
            for key in {*before, *ours, *theirs, *result}
        )
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
    """The elements of all lists in `value`, each with its path; a table in a list is named by its first key."""
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
    """Whether all that stands twice in the result already stood as often in one of the sides."""
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
    """The tables of a list by what their first key says; nothing where there are other elements."""
    tables = [value for value in values if isinstance(value, dict) and value]
    named: dict[str, object] = {repr(next(iter(table.items()))): table for table in tables}
    return named if len(named) == len(values) else {}
