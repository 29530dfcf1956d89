"""Conflicts of git's merge that lie in lists, resolved where both sides have changed different elements."""

import re
from dataclasses import replace

from copperplate.git.scratch import Scratch
from copperplate.git.trees import EXECUTABLE, PLAIN, Entry
from copperplate.updating.lists import check
from copperplate.updating.lists.languages import Language, conventions_of, language
from copperplate.updating.lists.line_merger import (
    MARK,
    LineMerger,
    Texts,
    has_conflict,
    has_plain_lines,
    with_line_feeds,
)
from copperplate.updating.lists.listing import Listing, replaced
from copperplate.updating.lists.python import Conventions
from copperplate.updating.lists.versions import Conflicts, merges
from copperplate.updating.merge import OURS, STAGE_OURS, STAGE_THEIRS, Conflict, Merged, Sides

_STAGES = (1, STAGE_OURS, STAGE_THEIRS)
_BASE_LABEL = re.compile(r"^\|+ (?P<label>[^\r\n]*)", re.MULTILINE)


def merge(scratch: Scratch, sides: Sides, merged: Merged) -> Merged:
    """Resolve each conflict in a list that has one reasonable result; leave every other one as git shows it."""
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
    """The three versions, with one text for each list that both sides have changed and that has one result."""
    base, ours, theirs = (known.listings(text) for text in texts)
    changes: tuple[list[tuple[Listing, str]], ...] = ([], [], [])
    for name in base:
        if name in ours and name in theirs:
            for three, result in merges(base[name], ours[name], theirs[name], conflicts):
                before, by_ours, by_theirs = (listing.render() for listing in three)
                if check.has_all_words(before, by_ours, by_theirs, result):
                    for change, listing in zip(changes, three, strict=True):
                        change.append((listing, result))
    first, second, third = (replaced(text, change) for text, change in zip(texts, changes, strict=True))
    return first, second, third


def is_sound(known: Language, texts: Texts, result: str) -> bool:
    """Whether `result` can be read, and has the changes of both sides and nothing else, as data and as text."""
    try:
        base, ours, theirs, now = map(known.data, (*texts, result))
    except ValueError:
        return False
    return (
        repeats_nothing(known, texts, result)
        and check.has_all_words(*texts, result)
        and check.agrees((base, ours, theirs, now), known.is_set)
    )


def repeats_nothing(known: Language, texts: Texts, result: str) -> bool:
    """Whether `result` can be read, and holds nothing twice that stands once in each side."""
    try:
        found = known.repeats(result)
        if all(count == 1 for count in found.values()):
            return True  # then the sides need not be read
        return check.repeats_nothing(known.repeats(texts[1]), known.repeats(texts[2]), found)
    except ValueError:
        return False


def _may_be_of_lists(conflict: Conflict, shown: Entry | None) -> bool:
    entries = [*conflict.stages.values(), shown]
    return (
        conflict.kind == "contents"
        and set(conflict.stages) == set(_STAGES)
        and all(entry is not None and entry.mode in {PLAIN, EXECUTABLE} for entry in entries)
        and language(conflict.path, Conventions()) is not None
    )


def _resolved(scratch: Scratch, sides: Sides, conflict: Conflict, shown: Entry, conventions: Conventions) -> str | None:
    """The file with fewer conflicts or with none; None where git's are the only ones to show."""
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
