"""Three versions of one list (old, the project's, the template's), and their merge.

An element is merged by its key, not by its line. So two changes in neighbouring lines are no conflict.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import TypeVar

from copperplate.update.lists.listing import Element, Listing, Order, Rules, SortKey, replaced

_Value = TypeVar("_Value")

Three = tuple[Listing, Listing, Listing]
"""Three versions of one list: old, the project's, and the template's."""
Conflicts = Callable[[tuple[str, str, str]], bool]
"""True if git's merge of three texts has a conflict."""


class UnclearError(Exception):
    """Raised if more than one result is reasonable: the user has to decide."""


def merges(base: Listing, ours: Listing, theirs: Listing, conflicts: Conflicts) -> Iterator[tuple[Three, str]]:
    """Return the lists with a conflict of git and one reasonable result, each with this result.

    If all conflicts of a list are in its inner lists, git merges the outer one.
    """
    three = base, ours, theirs
    texts = base.render(), ours.render(), theirs.render()
    if len(set(texts)) < len(texts) or not conflicts(texts):
        return
    inner = [found for lists in _inner(base, ours, theirs) for found in merges(*lists, conflicts)]
    if inner and not conflicts(_with_merged(three, inner)):
        yield from inner
        return
    try:
        result = merge(base, ours, theirs)
    except UnclearError:
        yield from inner
    else:
        yield three, result.render()


def _with_merged(three: Three, merged: list[tuple[Three, str]]) -> tuple[str, str, str]:
    """Return the texts of one list, with the results of its inner lists."""

    def text(side: int) -> str:
        whole = three[side]
        inner = [(lists[side], result) for lists, result in merged]
        return replaced(whole.render(), [(replace(each, start=each.start - whole.start), new) for each, new in inner])

    return text(0), text(1), text(2)


def _inner(base: Listing, ours: Listing, theirs: Listing) -> Iterator[Three]:
    """Return the inner lists of elements that all three versions have."""
    versions = [{element.key: element.inner for element in listing.elements} for listing in (base, ours, theirs)]
    for key in versions[0]:
        first, second, third = (version.get(key) for version in versions)
        if first and second and third:
            yield first, second, third


def merge(base: Listing, ours: Listing, theirs: Listing) -> Listing:
    """Merge; raises `UnclearError` if both sides have changed an element, or if the order is not clear."""
    base, ours, theirs = _with_heading(base, ours, theirs)
    versions = [_by_key(listing) for listing in (base, ours, theirs)]
    merged = {
        key: element
        for key in dict.fromkeys([*base.keys, *ours.keys, *theirs.keys])
        if (element := _merged_element(ours.rules, *(version.get(key) for version in versions)))
    }
    elements = _arranged(base, ours, theirs, merged)
    result = replace(ours, frame=_picked(base.frame, ours.frame, theirs.frame), elements=elements)
    if not result.rules.separator:
        return replace(result, elements=tuple(_spaced(base, result)))
    if not result.frame.is_multiline:
        return _in_one_line(result)
    indents = (element.before.rpartition("\n")[2] for side in (ours, theirs) for element in side.elements)
    indent = next(indents, "") or ours.rules.indent
    return replace(result, elements=tuple(_on_own_line(element, indent) for element in elements))


def _with_heading(*three: Listing) -> Three:
    """Return the versions with a heading apart: a comment that stays above the first element if that is another."""
    firsts = [listing.elements[0] for listing in three if listing.elements]
    count = 0
    if len({element.key for element in firsts}) > 1 and len(firsts) == len(three):
        lines = [element.before.splitlines(keepends=True) for element in firsts]
        count = sum(1 for _ in takewhile(lambda line: len(set(line)) == 1, zip(*lines, strict=False)))
    base, ours, theirs = (_with_longer_opening(listing, count) for listing in three)
    return base, ours, theirs


def _with_longer_opening(listing: Listing, count: int) -> Listing:
    """Move `count` lines above the first element into the frame."""
    if not count:
        return listing
    first = listing.elements[0]
    lines = [line for line in first.before.splitlines(keepends=True)[:count] if line.endswith("\n")]
    heading = "".join(lines)
    opened = replace(listing.frame, opening=listing.frame.opening + heading)
    elements = (replace(first, before=first.before.removeprefix(heading)), *listing.elements[1:])
    return replace(listing, frame=opened, elements=elements)


def _by_key(listing: Listing) -> dict[str, Element]:
    found = {element.key: element for element in listing.elements}
    if len(found) < len(listing.elements):
        raise UnclearError
    return found


def _picked(base: _Value, ours: _Value, theirs: _Value) -> _Value:
    if ours == base:
        return theirs
    if theirs not in (base, ours):
        raise UnclearError
    return ours


def _merged_element(rules: Rules, base: Element | None, ours: Element | None, theirs: Element | None) -> Element | None:
    contents = [element.content if element else None for element in (base, ours, theirs)]
    try:
        chosen = _picked(*contents)
    except UnclearError:
        if ours and theirs and ours.inner and theirs.inner and not (base and base.inner is None):
            return _merged_list(base, ours, theirs)
        if base and ours and theirs and rules.parts:
            return _merged_parts(rules.parts, base, ours, theirs)
        raise
    return ours if chosen == contents[1] else theirs


def _merged_parts(parts: Callable[[str], tuple[str, ...]], base: Element, ours: Element, theirs: Element) -> Element:
    found = [parts(element.text) for element in (base, ours, theirs)]
    if not all(found):
        raise UnclearError
    text = "".join(map(_picked, *found))
    before = _picked(base.before.strip(), ours.before.strip(), theirs.before.strip())
    after = _picked(base.after.strip(), ours.after.strip(), theirs.after.strip())
    return replace(
        ours,
        text=text,
        before=next(side.before for side in (ours, theirs) if side.before.strip() == before),
        after=next(side.after for side in (ours, theirs) if side.after.strip() == after),
    )


def _merged_list(base: Element | None, ours: Element, theirs: Element) -> Element:
    """Merge an inner list that both sides have changed, or added under one name."""
    if ours.inner is None or theirs.inner is None:
        raise UnclearError
    if base and base.inner:
        start, before, after = base.inner, base.before, base.after
    else:
        plainer = ours if not ours.inner.frame.is_multiline else theirs
        start, before, after = replace(plainer.inner or ours.inner, elements=()), ours.before, ours.after
    inner = merge(start, ours.inner, theirs.inner)
    before, after = _picked(before, ours.before, theirs.before), _picked(after, ours.after, theirs.after)
    return replace(ours, text=inner.render(), before=before, after=after, inner=inner)


def _arranged(base: Listing, ours: Listing, theirs: Listing, merged: Mapping[str, Element]) -> tuple[Element, ...]:
    for sort_key in ours.rules.sort_keys:
        if all(_is_sorted(listing, sort_key) for listing in (base, ours, theirs)):
            return tuple(sorted(merged.values(), key=sort_key))  # type: ignore[arg-type]  # each key sorts one type
    known = set(base.keys)
    for side in (ours, theirs):
        if [key for key in side.keys if key in known] != [key for key in base.keys if key in side.keys]:
            raise UnclearError
    is_fixed = any(listing.rules.order is Order.FIXED for listing in (base, ours, theirs))
    places = _insertions(base, ours), _insertions(base, theirs)
    result: list[str] = []
    since_kept: tuple[list[str], list[str]] = ([], [])
    for place, key in enumerate(["", *base.keys]):
        if key in merged and place:
            result.append(key)
            since_kept = ([], [])
        by_ours, by_theirs = (inserted.get(place, []) for inserted in places)
        since_kept[0].extend(by_ours)
        since_kept[1].extend(by_theirs)
        if is_fixed and all(since_kept) and since_kept[0] != since_kept[1]:
            raise UnclearError
        added = [[merged[key] for key in side] for side in (by_ours, by_theirs)]
        added.sort(key=lambda side: bool(side) and side[0].before.startswith("\n"))  # a new paragraph is appended
        result += [element.key for side in added for element in side]
    ordered = list(dict.fromkeys(result))
    if is_fixed and any(
        [key for key in ordered if key in side.keys] != [key for key in side.keys if key in merged]
        for side in (ours, theirs)
    ):
        raise UnclearError
    return tuple(merged[key] for key in ordered)


def _insertions(base: Listing, side: Listing) -> dict[int, list[str]]:
    """Return the keys that a side has added, by the number of base elements before them."""
    places = {key: place for place, key in enumerate(base.keys, 1)}
    found: dict[int, list[str]] = {}
    place = 0
    for key in side.keys:
        if key in places:
            place = places[key]
        else:
            found.setdefault(place, []).append(key)
    return found


def _is_sorted(listing: Listing, sort_key: SortKey) -> bool:
    keys = [sort_key(element) for element in listing.elements]
    spacing = listing.rules.spacing
    return all(not second < first for first, second in pairwise(keys)) and (  # type: ignore[operator]  # as above
        spacing is None or all(_blank(second) == spacing(first, second) for first, second in pairwise(listing.elements))
    )


def _spaced(base: Listing, result: Listing) -> Iterator[Element]:
    """Return the elements with blank lines between them, and none above the first."""
    before = [_blank(element) for element in result.elements]
    if result.rules.spacing:
        before[1:] = [result.rules.spacing(first, second) for first, second in pairwise(result.elements)]
        before[:1] = [""] * len(before[:1])
    elif base.elements and base.keys[0] in result.keys:
        first = result.keys.index(base.keys[0])
        before[0], before[first] = before[first], before[0]
    for blank, element in zip(before, result.elements, strict=True):
        yield replace(element, before=blank + element.before.lstrip("\n"))


def _in_one_line(result: Listing) -> Listing:
    if any(element.before.strip() or element.after.strip() for element in result.elements):
        raise UnclearError
    if result.rules.width is None or len(result.render()) <= result.rules.width:
        return result
    if result.rules.wrapped is None:
        raise UnclearError
    elements = tuple(_on_own_line(element, result.rules.indent) for element in result.elements)
    return replace(result, frame=result.rules.wrapped, elements=elements)


def _on_own_line(element: Element, indent: str) -> Element:
    if element.after.endswith("\n"):
        return element
    return replace(element, before=indent, after="\n")


def _blank(element: Element) -> str:
    return element.before[: len(element.before) - len(element.before.lstrip("\n"))]
