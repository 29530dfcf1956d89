"""Resolution of lists to which both sides add. Git compares lines, so it finds too many conflicts or too few."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from copperplate.git.scratch import Scratch
from copperplate.git.trees import REGULAR, Entry
from copperplate.update.lists import line_merger
from copperplate.update.lists.languages import Language, conventions_of, language
from copperplate.update.lists.line_merger import (
    MARK,
    LineMerger,
    Texts,
    has_conflict,
    has_plain_lines,
    with_line_feeds,
    with_one_conflict,
)
from copperplate.update.lists.listing import Listing, replaced
from copperplate.update.lists.python import Conventions
from copperplate.update.lists.versions import Conflicts, merges
from copperplate.update.merge import OURS, STAGE_OURS, STAGE_THEIRS, Conflict, Merged, Sides

_STAGES = (1, STAGE_OURS, STAGE_THEIRS)
_BASE_LABEL = re.compile(r"^\|+ (?P<label>[^\r\n]*)", re.MULTILINE)


def resolve_conflicts(scratch: Scratch, sides: Sides, merged: Merged) -> Merged:
    """Resolve each conflict in a list that has one reasonable result; leave all others as git has written them."""
    shown = scratch.entries(merged.tree)
    of_lists = [conflict for conflict in merged.conflicts if _may_be_of_lists(conflict, shown.get(conflict.path))]
    if not of_lists:
        return merged
    conventions = conventions_of(scratch, sides)
    edits: dict[str, Entry | None] = {}
    resolved = []
    for conflict in of_lists:
        entry = shown[conflict.path]
        text = _resolved(scratch, sides, conflict, entry, conventions)
        if text is not None:
            edits[conflict.path] = replace(entry, oid=scratch.store(text.encode()))
            if not has_conflict(text):
                resolved.append(conflict)
    left = tuple(conflict for conflict in merged.conflicts if conflict not in resolved)
    return Merged(scratch.edited(merged.tree, edits), left, frozenset(conflict.path for conflict in resolved))


def with_lists_merged(known: Language, texts: Texts, conflicts: Conflicts) -> Texts:
    """Return the three versions. A list that both sides have changed, and that has one result, is the same in all."""
    base, ours, theirs = (known.listings(text) for text in texts)
    changes: tuple[list[tuple[Listing, str]], ...] = ([], [], [])
    for name in base:
        if name in ours and name in theirs:
            for three, result in merges(base[name], ours[name], theirs[name], conflicts):
                before, by_ours, by_theirs = (listing.render() for listing in three)
                if line_merger.has_all_words(before, by_ours, by_theirs, result):
                    for change, listing in zip(changes, three, strict=True):
                        change.append((listing, result))
    first, second, third = (replaced(text, change) for text, change in zip(texts, changes, strict=True))
    return first, second, third


def is_sound(known: Language, texts: Texts, result: str) -> bool:
    """True if `result` can be read, and has exactly the changes of both sides, as data and as text."""
    try:
        base, ours, theirs, now = map(known.data, (*texts, result))
    except ValueError:
        return False
    return (
        repeats_nothing(known, texts, result)
        and line_merger.has_all_words(*texts, result)
        and line_merger.agrees((base, ours, theirs, now), known.is_set)
    )


def repeats_nothing(known: Language, texts: Texts, result: str) -> bool:
    """True if `result` can be read, and repeats no entry that each side has only once."""
    try:
        found = known.repeats(result)
        if all(count == 1 for count in found.values()):
            return True  # the sides need not be read then
        return line_merger.repeats_nothing(known.repeats(texts[1]), known.repeats(texts[2]), found)
    except ValueError:
        return False


def _may_be_of_lists(conflict: Conflict, shown: Entry | None) -> bool:
    entries = [*conflict.stages.values(), shown]
    return (
        conflict.kind == "contents"
        and set(conflict.stages) == set(_STAGES)
        and all(entry is not None and entry.mode in REGULAR for entry in entries)
        and language(conflict.path, Conventions()) is not None
    )


def _resolved(scratch: Scratch, sides: Sides, conflict: Conflict, shown: Entry, conventions: Conventions) -> str | None:
    """Return the file with fewer or no conflicts; None if all of git's conflicts stay."""
    known = language(conflict.path, conventions)
    entries = {str(stage): entry for stage, entry in conflict.stages.items()} | {"shown": shown}
    contents = scratch.files(entries, list(entries))
    try:
        base, ours, theirs = (contents[str(stage)].decode() for stage in _STAGES)
        marked = contents["shown"].decode()
    except UnicodeDecodeError:
        return None
    (base, ours, theirs), is_crlf = with_line_feeds((base, ours, theirs))
    mark = MARK.search(marked)
    if known is None or mark is None or not all(map(has_plain_lines, (base, ours, theirs))):
        return None
    base_label = _BASE_LABEL.search(marked)
    labels = (base_label["label"] if base_label else "base", OURS, sides.label)
    merger = LineMerger(scratch, labels, len(mark["mark"]))
    changed = with_lists_merged(known, (base, ours, theirs), merger.conflicts)
    if changed == (base, ours, theirs):
        return None
    result = merger.merge(changed)
    if has_conflict(result):
        chosen = (merger.merge(changed, flag) for flag in ("--ours", "--theirs"))
        readable = all(repeats_nothing(known, (base, ours, theirs), text) for text in chosen)
    else:
        readable = is_sound(known, (base, ours, theirs), result)
    if not readable:
        return None
    return result.replace("\n", "\r\n") if is_crlf else result


_BASE = "base"
_MARKER_SIZE = 7

Stages = Mapping[int, Entry]


@dataclass(frozen=True, slots=True)
class _Reviewed:
    text: str
    """Correction of a merged file."""
    is_conflict: bool


def review_clean_merges(scratch: Scratch, sides: Sides, merged: Merged, *, as_merged: Collection[str]) -> Merged:
    """Review files that git has merged without a conflict.

    A file that is unreadable or repeats an entry is merged again by element, or becomes a conflict. Files of
    `as_merged` are not reviewed.
    """
    shown = scratch.entries(merged.tree)
    found: dict[str, _Reviewed] = {}
    stages: dict[str, Stages] = {}
    conventions: Conventions | None = None
    changed = {path: three for path, three in _changed_by_both(scratch, sides, merged) if path not in as_merged}
    contents = scratch.contents([entry for path, three in changed.items() for entry in (*three.values(), shown[path])])
    for path, three in changed.items():
        conventions = conventions or conventions_of(scratch, sides)
        known = language(path, conventions)
        versions = {stage: contents[entry.oid] for stage, entry in {**three, 0: shown[path]}.items()}
        reviewed = _reviewed(scratch, sides, known, versions) if known else None
        if reviewed:
            found[path], stages[path] = reviewed, three
    edits = {path: replace(shown[path], oid=scratch.store(file.text.encode())) for path, file in found.items()}
    detail = "Merge conflict in {}: both sides add the same, at different places"
    left = [path for path, file in found.items() if file.is_conflict]
    added = [Conflict(path, "contents", detail.format(path), stages[path]) for path in left]
    return Merged(
        scratch.edited(merged.tree, edits),
        tuple(sorted((*merged.conflicts, *added), key=lambda conflict: conflict.path)),
        merged.by_element | {path for path, file in found.items() if not file.is_conflict},
    )


def _changed_by_both(scratch: Scratch, sides: Sides, merged: Merged) -> Iterator[tuple[str, Stages]]:
    """Return the files of known languages that equal neither side, with their stages, also if they were moved."""
    left = {conflict.path for conflict in merged.conflicts} | merged.by_element
    trees = {1: scratch.entries(sides.base), STAGE_OURS: scratch.entries(sides.ours)}
    trees[STAGE_THEIRS] = scratch.entries(sides.theirs)
    new = {
        path: entry
        for path, entry in scratch.entries(merged.tree).items()
        if path not in left
        and entry.mode in REGULAR
        and language(path, Conventions()) is not None
        and all(path not in tree or tree[path].oid != entry.oid for tree in trees.values())
    }
    origins: dict[str, str] = {}
    if any(path not in tree for path in new for tree in trees.values()):
        for side in (sides.ours, sides.theirs):
            moves = scratch.differences(sides.base, side)
            origins |= {move.path: move.origin for move in moves if move.origin}
    for path, entry in new.items():
        names = (path, origins.get(path, path))
        found = {stage: next((tree[name] for name in names if name in tree), None) for stage, tree in trees.items()}
        stages = {stage: side for stage, side in found.items() if side and side.mode in REGULAR}
        if len(stages) == len(trees) and entry.oid not in {side.oid for side in stages.values()}:
            yield path, stages


def _reviewed(scratch: Scratch, sides: Sides, known: Language, versions: Mapping[int, bytes]) -> _Reviewed | None:
    """Return the correction of a file; None if git's result is right, or cannot be checked."""
    try:
        base, ours, theirs, result = (versions[stage].decode() for stage in (1, STAGE_OURS, STAGE_THEIRS, 0))
    except UnicodeDecodeError:
        return None
    texts, is_crlf = with_line_feeds((base, ours, theirs))
    result = result.replace("\r\n", "\n") if is_crlf else result
    if repeats_nothing(known, texts, result) or not _is_readable(known, texts):
        return None
    merger = LineMerger(scratch, (_BASE, OURS, sides.label), _MARKER_SIZE)
    by_element = _by_element(known, texts, merger)
    text = by_element or with_one_conflict(merger, texts, lambda text: repeats_nothing(known, texts, text))
    return _Reviewed(text.replace("\n", "\r\n") if is_crlf else text, by_element is None)


def _is_readable(known: Language, texts: Texts) -> bool:
    try:
        for text in texts[1:]:
            known.repeats(text)
    except ValueError:
        return False
    return True


def _by_element(known: Language, texts: Texts, merger: LineMerger) -> str | None:
    """Return the file with its lists merged, if there is one reasonable result.

    It first tries only lists to which both sides add the same line, then all lists that both sides have changed.
    """
    if not all(map(has_plain_lines, texts)):
        return None
    for is_to_merge in (_adds_a_line_twice, _is_changed_by_both):
        text = merger.merge(with_lists_merged(known, texts, is_to_merge))
        if not has_conflict(text) and is_sound(known, texts, text):
            return text
    return None


def _is_changed_by_both(texts: Texts) -> bool:
    base, ours, theirs = texts
    return base not in {ours, theirs}


def _adds_a_line_twice(texts: Texts) -> bool:
    base, ours, theirs = ({line.strip(" \t,") for line in text.splitlines()} for text in texts)
    return bool((ours & theirs) - base - {""})


def merge_lists(scratch: Scratch, sides: Sides, merged: Merged, *, as_merged: Collection[str] = ()) -> Merged:
    """Merge the lists of a result: resolve conflicts that have one reasonable result, and correct wrong merges of git.

    Files of `as_merged` stay as git has merged them, because the user's attributes ask for that.
    """
    return review_clean_merges(scratch, sides, resolve_conflicts(scratch, sides, merged), as_merged=as_merged)
