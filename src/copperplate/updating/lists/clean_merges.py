"""Files that both sides have changed and that git merges without a conflict, though the result is not right.

git compares lines: it does not see that both sides add the same key, package or definition at different places.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from copperplate.git.scratch import Scratch
from copperplate.git.trees import EXECUTABLE, PLAIN, Entry
from copperplate.updating.lists.conflicts import is_sound, repeats_nothing, with_lists_merged
from copperplate.updating.lists.languages import Language, conventions_of, language
from copperplate.updating.lists.line_merger import LineMerger, Texts, has_conflict, has_plain_lines, with_line_feeds
from copperplate.updating.lists.python import Conventions
from copperplate.updating.lists.regions import with_one_conflict
from copperplate.updating.merge import OURS, STAGE_OURS, STAGE_THEIRS, Conflict, Merged, Sides, differences

_BASE = "base"
_MARKER_SIZE = 7

Stages = Mapping[int, Entry]


@dataclass(frozen=True, slots=True)
class _Reviewed:
    text: str
    """What a file should be instead."""

    is_conflict: bool


def review(scratch: Scratch, sides: Sides, merged: Merged, *, as_merged: Collection[str]) -> Merged:
    """Merge by element, or turn into a conflict, what cannot be read any more or holds one thing twice.

    Files of `as_merged` stay as they are.
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
    added = [
        Conflict(
            path, "contents", f"Merge conflict in {path}: both sides add the same, at different places", stages[path]
        )
        for path, file in found.items()
        if file.is_conflict
    ]
    return Merged(
        scratch.edited(merged.tree, edits),
        tuple(sorted((*merged.conflicts, *added), key=lambda conflict: conflict.path)),
        merged.by_element | {path for path, file in found.items() if not file.is_conflict},
    )


def _changed_by_both(scratch: Scratch, sides: Sides, merged: Merged) -> Iterator[tuple[str, Stages]]:
    """The files of known languages that are like none of the sides, with their stages, wherever they were moved."""
    left = {conflict.path for conflict in merged.conflicts} | merged.by_element
    trees = {1: scratch.entries(sides.base), STAGE_OURS: scratch.entries(sides.ours)}
    trees[STAGE_THEIRS] = scratch.entries(sides.theirs)
    new = {
        path: entry
        for path, entry in scratch.entries(merged.tree).items()
        if path not in left
        and entry.mode in {PLAIN, EXECUTABLE}
        and language(path, Conventions()) is not None
        and all(path not in tree or tree[path].oid != entry.oid for tree in trees.values())
    }
    origins: dict[str, str] = {}
    if any(path not in tree for path in new for tree in trees.values()):
        for side in (sides.ours, sides.theirs):
            moves = differences(scratch, sides.base, side)
            origins |= {move.path: move.origin for move in moves if move.origin}
    for path, entry in new.items():
        names = (path, origins.get(path, path))
        found = {stage: next((tree[name] for name in names if name in tree), None) for stage, tree in trees.items()}
        stages = {stage: side for stage, side in found.items() if side and side.mode in {PLAIN, EXECUTABLE}}
        if len(stages) == len(trees) and entry.oid not in {side.oid for side in stages.values()}:
            yield path, stages


def _reviewed(scratch: Scratch, sides: Sides, known: Language, versions: Mapping[int, bytes]) -> _Reviewed | None:
    """None where git's result is right, or nobody can tell."""
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
    """The file with its lists merged, if there is one reasonable result.

    First only lists that both sides give the same line, then all that both sides have changed.
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
