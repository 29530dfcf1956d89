"""What a merge comes to, after the few rules that git does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from copperplate.updating import imports
from copperplate.updating.merge import Conflict, Merged, Sides, differences
from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import Difference, Entry

_OURS, _THEIRS = 2, 3
_DELETED_BY_USER = {1, _THEIRS}


@dataclass(frozen=True, slots=True)
class Outcome:
    sides: Sides
    tree: str
    conflicts: tuple[Conflict, ...]
    kept_deleted: tuple[str, ...]
    """Files that the user has deleted and the template has changed: they stay deleted."""

    template: tuple[Difference, ...]
    """What the template has done."""

    base: Mapping[str, Entry]
    ours: Mapping[str, Entry]
    theirs: Mapping[str, Entry]
    result: Mapping[str, Entry]


def of(scratch: Scratch, sides: Sides, merged: Merged) -> Outcome:
    base, ours, theirs = (scratch.entries(tree) for tree in (sides.base, sides.ours, sides.theirs))
    result = dict(scratch.entries(merged.tree))
    kept_deleted = tuple(conflict.path for conflict in merged.conflicts if _stays_deleted(conflict))
    edits: dict[str, Entry | None] = dict.fromkeys(kept_deleted)
    conflicts = [conflict for conflict in merged.conflicts if conflict.path not in edits]
    for path in kept_deleted:
        result.pop(path, None)
    template = tuple(differences(scratch, sides.base, sides.theirs))
    for at, conflict in enumerate(conflicts):
        for origin in _displaced(conflict, template, base, ours, result):
            edits[origin] = result[origin] = ours[origin]
            conflicts[at] = _beside(conflict, origin, theirs[conflict.path])
    for conflict in _still_imported(scratch, base, ours, theirs, result):
        conflicts.append(conflict)
        edits[conflict.path] = result[conflict.path] = ours[conflict.path]
    return Outcome(
        sides=sides,
        tree=scratch.edited(merged.tree, edits),
        conflicts=tuple(sorted(conflicts, key=lambda conflict: conflict.path)),
        kept_deleted=kept_deleted,
        template=template,
        base=base,
        ours=ours,
        theirs=theirs,
        result=result,
    )


def _stays_deleted(conflict: Conflict) -> bool:
    """The user deleted it, and the template only changed it, or only moved it."""
    if set(conflict.stages) != _DELETED_BY_USER:
        return False
    return conflict.kind == "modify/delete" or conflict.stages[1] == conflict.stages[_THEIRS]


def _displaced(
    conflict: Conflict,
    template: Iterable[Difference],
    base: Mapping[str, Entry],
    ours: Mapping[str, Entry],
    result: Mapping[str, Entry],
) -> list[str]:
    """The user's version of a file that the template has moved to where the user has another one.

    If the two cannot be merged as text git leaves the other one there, and this one in the index alone.
    """
    if _THEIRS not in conflict.stages or conflict.stages.get(_OURS) != result.get(conflict.path):
        return []
    moved = (change.origin for change in template if change.path == conflict.path and change.origin)
    return [path for path in moved if path in ours and path not in result and ours[path] != base[path]]


def _beside(conflict: Conflict, origin: str, theirs: Entry) -> Conflict:
    """The conflict that is left when the user's `origin` stays where it is."""
    detail = f"the template has moved {origin} here, where you have another file; yours of {origin} stays where it is"
    return replace(conflict, detail=detail, stages={**conflict.stages, _THEIRS: theirs})


def _still_imported(
    scratch: Scratch,
    base: Mapping[str, Entry],
    ours: Mapping[str, Entry],
    theirs: Mapping[str, Entry],
    result: Mapping[str, Entry],
) -> list[Conflict]:
    """The template's modules that go although a file of the user's imports them."""
    gone = [path for path in ours if path in base and path not in result and path not in theirs]
    if not gone:
        return []
    own = {path: entry for path, entry in result.items() if path.endswith(".py") and theirs.get(path) != entry}
    modules = scratch.files(own, list(own))
    return [
        Conflict(
            path,
            "imported",
            f"the template no longer has it; by {', '.join(sorted(set(users)))}",
            {1: base[path], 2: ours[path]},
        )
        for path, users in imports.users_of(gone, result, modules).items()
    ]
