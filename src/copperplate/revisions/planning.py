"""What two renderings mean for the revisions of a project: which are new to it, and which lost their feature."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.revisions import places, script
from copperplate.revisions.changes import relative


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths relative to the project's root."""

    arrived: tuple[str, ...] = ()
    """For `fit`: new to the project; the merge brings them."""
    retired: tuple[str, ...] = ()
    """For `retire`: the template has them no longer, the project keeps them."""
    revived: tuple[str, ...] = ()
    """For `revive`: the template has them again, and the project had kept them."""


def prepare(before: Path, after: Path, project: Path, package: str) -> Plan:
    """Compare the renderings `before` and `after`; change `after` so that merging leaves the project's revisions alone.

    Then `after` has all revisions of `before`, byte for byte, and none that the project has kept. Raises `RefusedError`
    where the project has another revision in the place of a new one.
    """
    root = project.resolve()
    own = places.scripts(root, package)
    old, new = _rendered(before, package), _rendered(after, package)
    place = places.rendered_folder(package)
    arrived, retired, revived = [], [], []
    for name in sorted(old | new):
        kept = places.found(f"{place}/{name}", own, root)
        if name in old:
            if name not in new and kept is not None:
                retired.append(relative(kept, root))
            (after / place).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(before / place / name, after / place / name)
        elif kept is None:
            arrived.append(f"{place}/{name}")
        else:
            _refuse_other(kept, after / place / name)
            revived.append(relative(kept, root))
            (after / place / name).unlink()
    return Plan(tuple(arrived), tuple(retired), tuple(revived))


def _rendered(rendering: Path, package: str) -> set[str]:
    files = (rendering / places.rendered_folder(package)).glob("*.py")
    return {file.name for file in files if places.is_script(file)}


def _refuse_other(kept: Path, arriving: Path) -> None:
    if script.read(kept).substance() != script.read(arriving).substance():
        raise RefusedError(
            f"{kept.name} is another database revision than the one of that name in the template",
            "rename the project's file, and commit that; Alembic goes by what is inside",
        )
