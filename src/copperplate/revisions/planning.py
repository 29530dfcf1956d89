"""What two renderings mean for the revisions of a project: which are new to it, and which lost their feature."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.history import File
from copperplate.revisions import places, script
from copperplate.revisions.changes import Change, relative
from copperplate.revisions.fitting import fit
from copperplate.revisions.turning import retire, revive


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths relative to the project's root."""

    arrived: tuple[str, ...] = ()
    """New to the project; the merge brings them."""
    retired: tuple[str, ...] = ()
    """The template has them no longer, the project keeps them."""
    revived: tuple[str, ...] = ()
    """The template has them again, and the project had kept them."""


def prepare(
    old: Mapping[str, File], new: Mapping[str, File], project: Path, package: str
) -> tuple[Plan, dict[str, File]]:
    """Compare two renderings; the second result is `new` as it may be merged: it touches no revision of the project.

    It has all revisions of `old`, byte for byte, and of the others none that `project` has kept. Raises `RefusedError`
    where the project has another revision in the place of a new one.
    """
    root = project.resolve()
    own = places.scripts(root, package)
    arrived, retired, revived = [], [], []
    merged = dict(new)
    for path in sorted(path for path in old.keys() | new.keys() if places.is_rendered(path, package)):
        kept = places.found(path, own, root)
        if path in old:
            merged[path] = old[path]
            if path not in new and kept is not None:
                retired.append(relative(kept, root))
        elif kept is None:
            arrived.append(path)
        else:
            _refuse_other(kept, new[path].content)
            revived.append(relative(kept, root))
            del merged[path]
    return Plan(tuple(arrived), tuple(retired), tuple(revived)), merged


def settle(project: Path, package: str, plan: Plan) -> tuple[Change, ...]:
    """After the merge: one head, with what the plan asks for behind what the project has."""
    return (
        *retire(project, package, plan.retired, aside=plan.arrived),
        *revive(project, package, plan.revived, aside=plan.arrived),
        *fit(project, package, plan.arrived),
    )


def _refuse_other(kept: Path, arriving: bytes) -> None:
    if script.read(kept).substance() != script.parse(kept, arriving).substance():
        raise RefusedError(
            f"{kept.name} is another database revision than the one of that name in the template",
            "rename the project's file, and commit that; Alembic goes by what is inside",
        )
