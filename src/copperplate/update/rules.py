"""Rules that git does not have: they keep files with the user's work that a merge would drop."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from copperplate.git.scratch import Scratch
from copperplate.git.trees import Difference, Entry
from copperplate.update import imports
from copperplate.update.merge import OURS, STAGE_OURS, STAGE_THEIRS, Conflict, Merged, Sides, added_lines, count_lines

Entries = Mapping[str, Entry]

_BESIDE = f"~{OURS.replace('/', '_')}"
"""Suffix that git adds to the name of a displaced file of the project."""
_LONGEST = 240
"""Length limit in bytes for a file name that is chosen here; it leaves room for a number."""
_LONGEST_OF_ALL = 255
"""Length limit of file systems for a file name, in bytes."""


@dataclass(frozen=True, slots=True)
class _Correction:
    """Merge that the rules correct: the files of the three sides, and the result as it is by now."""

    base: Entries
    ours: Entries
    theirs: Entries
    result: dict[str, Entry]
    conflicts: list[Conflict]
    edits: dict[str, Entry | None]
    """Changes of the merged tree."""

    def put(self, path: str, entry: Entry) -> None:
        self.edits[path] = self.result[path] = entry

    def add(self, path: str, kind: str, detail: str, stages: Mapping[int, Entry]) -> None:
        """Add a conflict, with the project's version at its path."""
        self.conflicts.append(Conflict(path, kind, detail, stages))
        self.put(path, stages[STAGE_OURS])

    def room(self, path: str) -> str:
        """Return `path`, or a name beside it if a file and a folder would have the same path."""
        is_below_a_file = any(str(folder) in self.result for folder in PurePosixPath(path).parents)
        beside = _marked(path.replace("/", "_") if is_below_a_file else path, _BESIDE)
        names = [beside] if is_below_a_file else [path, beside]
        while names[0] in self.result or any(other.startswith(f"{names[0]}/") for other in self.result):
            names = names[1:] or [f"{names[0]}_0"]
        return names[0]


def _keep_displaced(work: _Correction, conflicts: Iterable[Conflict], template: Iterable[Difference]) -> None:
    """Keep files that git leaves only in the index, because the user has another file at their new path."""
    moved = {change.path: change.origin for change in template if change.origin}
    for conflict in conflicts:
        path, stages, ours = conflict.path, conflict.stages, work.ours
        origin = moved.get(path) if path in ours else None
        is_left_alone = {STAGE_OURS, STAGE_THEIRS} <= set(stages) and stages[STAGE_OURS] == work.result.get(path)
        if not origin or not is_left_alone or origin not in ours or origin in work.result:
            continue
        if ours[origin] == work.base[origin]:
            continue
        place = work.room(origin)
        stays = "stays where it is" if place == origin else f"stays as {place}"
        detail = f"the template has moved {origin} here, where you have another file; yours {stays}"
        stages = {**stages, STAGE_THEIRS: work.theirs[path]}
        work.conflicts.remove(conflict)
        work.conflicts.append(replace(conflict, kind="moved onto yours", detail=detail, stages=stages))
        work.put(place, ours[origin])
        if place != origin:
            detail = f"the template has something else at {origin}; yours {stays}"
            work.add(place, "file/directory", detail, {STAGE_OURS: ours[origin]})


def _replaced(ours: Entries, conflicts: Iterable[Conflict], template: Iterable[Difference]) -> Iterator[Conflict]:
    """Return conflicts about files that the template has moved and the user has made another kind of file, as a link.

    Git counts such a file as deleted.
    """
    origins = {change.path: change.origin for change in template if change.origin}
    for conflict in conflicts:
        origin = origins.get(conflict.path)
        if set(conflict.stages) == {1, STAGE_THEIRS} and origin in ours:
            detail = f"the template has moved {origin} here, and you have made another kind of file of {origin}"
            yield replace(conflict, detail=detail)


def _keep_unplaced(work: _Correction) -> None:
    """Keep files of the user's that git leaves only in the index, for example if a folder has become a file."""
    for number, conflict in enumerate(work.conflicts):
        if STAGE_OURS in conflict.stages and conflict.path not in work.result:
            place, entry = work.room(conflict.path), conflict.stages[STAGE_OURS]
            detail = f"there is no room for it at {conflict.path}; yours stays as {place}"
            work.conflicts[number] = Conflict(place, "file/directory", detail, {STAGE_OURS: entry})
            work.put(place, entry)


def _shorten_overlong(work: _Correction) -> None:
    """Shorten names that git makes for displaced files and that are too long for file systems."""
    for number, conflict in enumerate(work.conflicts):
        name = conflict.path.rpartition("/")[2]
        if conflict.path in work.result and len(os.fsencode(name)) > _LONGEST_OF_ALL:
            own, _, mark = conflict.path.rpartition("~")
            place = work.room(_marked(own, f"~{mark}"))
            work.conflicts[number] = replace(conflict, path=place)
            work.edits[conflict.path] = None
            work.put(place, work.result.pop(conflict.path))


def _keep_vanished(
    scratch: Scratch, work: _Correction, conflicts: Collection[Conflict], template: Iterable[Difference]
) -> None:
    """Keep the user's files whose changes a merge drops without a conflict.

    Git does that if the template moves a file to a path where the project already has the same file: for git, both
    sides agree, and nothing has moved.
    """
    base, ours, result = work.base, work.ours, work.result
    in_conflict = {conflict.path for conflict in conflicts}
    elsewhere = {conflict.stages.get(STAGE_OURS) for conflict in conflicts}
    elsewhere |= {entry for path, entry in result.items() if path not in ours}
    moved_to = {change.origin: change.path for change in template if change.origin}
    for path, entry in ours.items():
        if path in result or path in in_conflict or entry == base.get(path) or entry in elsewhere:
            continue
        place = moved_to.get(path)
        if place and place in result and _carries(scratch, base[path], entry, work.theirs[place], result[place]):
            continue
        where = f"moved it to {place}, where you have the same file" if place else "deleted it"
        detail = f"the template has {where}; your changes to it are only here"
        stages = {1: base[path], STAGE_OURS: entry} if path in base else {STAGE_OURS: entry}
        work.add(work.room(path), "modify/delete", detail, stages)


def _carries(scratch: Scratch, base: Entry, ours: Entry, theirs: Entry, result: Entry) -> bool:
    """True if the user's changes to a file are in the file to which the template has moved it."""
    if added_lines(scratch, base, ours) - count_lines(scratch, [result]):
        return False
    if result.oid != theirs.oid:  # a merge has changed it
        return True
    is_deleted = not added_lines(scratch, ours, base) - added_lines(scratch, theirs, base)
    return is_deleted and ours.mode in {base.mode, result.mode}


def _keep_imported(scratch: Scratch, work: _Correction, beside: Collection[str]) -> None:
    """Keep removed modules of the template that the user's files import, or that a kept module imports.

    Files at `beside` are the user's too: the renderings are only a part of the project.
    """
    base, ours, theirs, result = work.base, work.ours, work.theirs, work.result
    gone = {path for path in ours if path in base and path not in result and path not in theirs}
    if not gone:
        return
    own = {
        path: entry
        for path, entry in result.items()
        if path.endswith(".py") and (path in beside or theirs.get(path) != entry)
    }
    while own:
        found = imports.users_of(sorted(gone), tuple(result), scratch.files(own, list(own)))
        for path, users in found.items():
            detail = f"the template no longer has it; used by {', '.join(sorted(set(users)))}"
            work.add(work.room(path), "imported", detail, {1: base[path], STAGE_OURS: ours[path]})
        gone -= found.keys()
        own = {path: ours[path] for path in found}


def _marked(path: str, mark: str) -> str:
    """Return `path` with a mark at its end, shortened to the limit of file systems."""
    folder, slash, name = path.rpartition("/")
    raw = os.fsencode(name)
    if len(raw) + len(mark) > _LONGEST:
        name = raw[: _LONGEST - len(mark)].decode("utf-8", "ignore")
    return f"{folder}{slash}{name}{mark}"


_DELETED_BY_USER = {1, STAGE_THEIRS}


@dataclass(frozen=True, slots=True)
class Outcome:
    sides: Sides
    tree: str
    conflicts: tuple[Conflict, ...]
    kept_deleted: tuple[str, ...]
    """Files that the user has deleted and the template has changed. They stay deleted."""
    by_element: frozenset[str]
    """Files whose lists were merged by element."""
    template: tuple[Difference, ...]
    """Changes of the template."""
    base: Entries
    ours: Entries
    theirs: Entries
    result: Entries


def apply(scratch: Scratch, sides: Sides, merged: Merged) -> Outcome:
    base, ours, theirs = (scratch.entries(tree) for tree in (sides.base, sides.ours, sides.theirs))
    result = dict(scratch.entries(merged.tree))
    template = tuple(scratch.differences(sides.base, sides.theirs))
    in_place = {found.path: found for found in _replaced(ours, merged.conflicts, template)}
    merged = replace(merged, conflicts=tuple(in_place.get(conflict.path, conflict) for conflict in merged.conflicts))
    beside = f"~{sides.label.replace('/', '_')}"  # of the template's file, if the user has another kind of file
    moved = {change.path: base[change.origin] for change in template if change.origin and change.origin not in ours}
    kept_deleted = tuple(
        found.path
        for found in merged.conflicts
        if found.path not in in_place and _stays_deleted(found, moved.get(found.path.removesuffix(beside)))
    )
    edits: dict[str, Entry | None] = dict.fromkeys(kept_deleted)
    alone = {path.removesuffix(beside) for path in kept_deleted}
    conflicts = [
        conflict
        for conflict in merged.conflicts
        if conflict.path not in edits and not (conflict.path in alone and set(conflict.stages) == {STAGE_OURS})
    ]
    for path in kept_deleted:
        result.pop(path, None)
    work = _Correction(base, ours, theirs, result, conflicts, edits)
    _keep_displaced(work, merged.conflicts, template)
    _keep_unplaced(work)
    _shorten_overlong(work)
    _keep_vanished(scratch, work, merged.conflicts, template)
    _keep_imported(scratch, work, sides.beside)
    return Outcome(
        sides=sides,
        tree=scratch.edited(merged.tree, edits),
        conflicts=tuple(sorted(conflicts, key=lambda conflict: conflict.path)),
        kept_deleted=kept_deleted,
        by_element=merged.by_element,
        template=template,
        base=base,
        ours=ours,
        theirs=theirs,
        result=result,
    )


def _stays_deleted(conflict: Conflict, moved: Entry | None) -> bool:
    """True if the user has deleted the file, and the template has only changed it, or moved it to `moved`."""
    stages = conflict.stages
    if conflict.kind == "distinct modes" and set(stages) == {STAGE_THEIRS}:
        return stages[STAGE_THEIRS] == moved
    if set(stages) != _DELETED_BY_USER:
        return False
    return conflict.kind == "modify/delete" or stages[1] == stages[STAGE_THEIRS]
