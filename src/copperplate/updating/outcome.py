"""What a merge comes to, after the few rules that git does not know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from copperplate.git.scratch import Scratch
from copperplate.git.trees import Difference, Entry
from copperplate.updating import staying
from copperplate.updating.merge import STAGE_OURS, STAGE_THEIRS, Conflict, Merged, Sides, differences
from copperplate.updating.staying import Trees

_DELETED_BY_USER = {1, STAGE_THEIRS}


@dataclass(frozen=True, slots=True)
class Outcome:
    sides: Sides
    tree: str
    conflicts: tuple[Conflict, ...]
    kept_deleted: tuple[str, ...]
    """Files that the user has deleted and the template has changed: they stay deleted."""

    by_element: frozenset[str]
    """Files whose lists were merged element by element."""

    template: tuple[Difference, ...]
    """What the template has done."""

    base: Mapping[str, Entry]
    ours: Mapping[str, Entry]
    theirs: Mapping[str, Entry]
    result: Mapping[str, Entry]


def of(scratch: Scratch, sides: Sides, merged: Merged) -> Outcome:
    base, ours, theirs = (scratch.entries(tree) for tree in (sides.base, sides.ours, sides.theirs))
    result = dict(scratch.entries(merged.tree))
    template = tuple(differences(scratch, sides.base, sides.theirs))
    in_place = {found.path: found for found in staying.replaced(ours, merged.conflicts, template)}
    merged = replace(merged, conflicts=tuple(in_place.get(conflict.path, conflict) for conflict in merged.conflicts))
    beside = f"~{sides.label.replace('/', '_')}"  # of the template's file, where the user has another kind of file
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
    trees = Trees(base, ours, theirs, result)
    for found in staying.displaced(trees, merged.conflicts, template):
        edits[found.place] = result[found.place] = found.entry
        conflicts.remove(found.conflict)
        conflicts += found.conflicts(theirs[found.conflict.path])
    for conflict, instead in staying.put_away(trees, tuple(conflicts)):
        edits[instead.path] = result[instead.path] = instead.stages[STAGE_OURS]
        conflicts[conflicts.index(conflict)] = instead
    for conflict, instead in staying.overlong(trees, tuple(conflicts)):
        edits[conflict.path] = None
        edits[instead.path] = result[instead.path] = result.pop(conflict.path)
        conflicts[conflicts.index(conflict)] = instead
    for conflict in staying.vanished(scratch, trees, merged.conflicts, template):
        conflicts.append(conflict)
        edits[conflict.path] = result[conflict.path] = conflict.stages[STAGE_OURS]
    for conflict in staying.still_imported(scratch, trees):
        conflicts.append(conflict)
        edits[conflict.path] = result[conflict.path] = conflict.stages[STAGE_OURS]
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
    """The user deleted it, and the template only changed it, or only moved it: `moved` is what it has moved here."""
    stages = conflict.stages
    if conflict.kind == "distinct modes" and set(stages) == {STAGE_THEIRS}:
        return stages[STAGE_THEIRS] == moved
    if set(stages) != _DELETED_BY_USER:
        return False
    return conflict.kind == "modify/delete" or stages[1] == stages[STAGE_THEIRS]
