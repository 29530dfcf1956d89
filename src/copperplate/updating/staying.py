"""Files of the project that a merge alone would let go, though the user's own work is in them or needs them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from copperplate.updating import imports
from copperplate.updating.merge import OURS, STAGE_OURS, STAGE_THEIRS, Conflict
from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import Difference, Entry

Entries = Mapping[str, Entry]

_BESIDE = f"~{OURS.replace('/', '_')}"
"""What git adds to the name of a file of the project's that has to stand aside."""


@dataclass(frozen=True, slots=True)
class Displaced:
    """A file that the template has moved to where the user has another one, with which it cannot be merged."""

    origin: str
    place: str
    """Where it stays: at `origin`, or beside it."""

    entry: Entry
    conflict: Conflict
    """git's own, about the two files."""

    def conflicts(self, theirs: Entry) -> Iterator[Conflict]:
        """What takes its place: the template's file is `theirs`."""
        stays = "stays where it is" if self.place == self.origin else f"stays as {self.place}"
        yield replace(
            self.conflict,
            kind="moved onto yours",
            detail=f"the template has moved {self.origin} here, where you have another file; yours {stays}",
            stages={**self.conflict.stages, STAGE_THEIRS: theirs},
        )
        if self.place != self.origin:
            detail = f"the template has something else at {self.origin}; yours {stays}"
            yield Conflict(self.place, "file/directory", detail, {STAGE_OURS: self.entry})


def displaced(
    conflicts: Iterable[Conflict], template: Iterable[Difference], base: Entries, ours: Entries, result: Entries
) -> Iterator[Displaced]:
    """Where two files cannot be merged as text, git leaves the user's other one there, and this in the index alone.

    Each is to be put into `result` before the next one is asked for.
    """
    moved = {change.path: change.origin for change in template if change.origin}
    for conflict in conflicts:
        origin = moved.get(conflict.path) if conflict.path in ours else None
        stages = conflict.stages
        is_left_alone = {STAGE_OURS, STAGE_THEIRS} <= set(stages) and stages[STAGE_OURS] == result.get(conflict.path)
        if origin and is_left_alone and origin in ours and origin not in result and ours[origin] != base[origin]:
            yield Displaced(origin, room(origin, result), ours[origin], conflict)


def put_away(conflicts: Iterable[Conflict], result: Entries) -> Iterator[tuple[Conflict, Conflict]]:
    """Files of the user's that git leaves in the index alone, as where a folder is a file now; and what comes instead.

    Each is to be put into `result` before the next one is asked for.
    """
    for conflict in conflicts:
        if STAGE_OURS in conflict.stages and conflict.path not in result:
            place = room(conflict.path, result)
            detail = f"there is no room for it at {conflict.path}; yours stays as {place}"
            yield conflict, Conflict(place, "file/directory", detail, {STAGE_OURS: conflict.stages[STAGE_OURS]})


def still_imported(scratch: Scratch, base: Entries, ours: Entries, theirs: Entries, result: Entries) -> list[Conflict]:
    """The template's modules that go although a file of the user's imports them."""
    gone = [path for path in ours if path in base and path not in result and path not in theirs]
    if not gone:
        return []
    own = {path: entry for path, entry in result.items() if path.endswith(".py") and theirs.get(path) != entry}
    modules = scratch.files(own, list(own))
    return [
        Conflict(
            room(path, result),
            "imported",
            f"the template no longer has it; by {', '.join(sorted(set(users)))}",
            {1: base[path], STAGE_OURS: ours[path]},
        )
        for path, users in imports.users_of(gone, result, modules).items()
    ]


def room(path: str, taken: Collection[str]) -> str:
    """`path`, or else a name beside it where a file and a folder would be at one place."""
    is_below_a_file = any(str(folder) in taken for folder in PurePosixPath(path).parents)
    names = [path.replace("/", "_") + _BESIDE] if is_below_a_file else [path, path + _BESIDE]
    while names[0] in taken or any(other.startswith(f"{names[0]}/") for other in taken):
        names = names[1:] or [f"{names[0]}_0"]
    return names[0]
