"""What two renderings mean for the revisions of a project: which are new to it, and which lost their feature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.revisions import chain, finding, places, script
from copperplate.revisions.changes import Change, relative
from copperplate.revisions.fitting import fit
from copperplate.revisions.places import Layout
from copperplate.revisions.script import Script
from copperplate.revisions.turning import retire, revive
from copperplate.system.files import File


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths relative to the project's root."""

    arrived: tuple[str, ...] = ()
    """New to the project; the merge brings them."""
    retired: tuple[str, ...] = ()
    """The template has them no longer, the project keeps them."""
    revived: tuple[str, ...] = ()
    """The template has them again, and the project had kept them."""
    unplaced: tuple[str, ...] = ()
    """New to the project, which keeps its revisions outside of itself; the merge leaves them to the user."""
    layout: Layout | None = field(default=None, compare=False)
    """Where the project keeps its revisions before the merge, which may leave a conflict in its settings."""


def prepare(
    old: Mapping[str, File], new: Mapping[str, File], project: Path, package: str
) -> tuple[Plan, dict[str, File]]:
    """Compare two renderings; the second result is `new` as it may be merged: it touches no revision of the project.

    It has all revisions of `old`, byte for byte, and of the others none that `project` has kept; those that arrive are
    where the project keeps its own. Raises `RefusedError` where it has another revision in the place of a new one.
    """
    root = project.resolve()
    paths = {path for path in old.keys() | new.keys() if places.is_rendered(path, package)}
    merged = {**new, **{path: old[path] for path in paths if path in old}}
    turns = sorted(path for path in paths if (path in old) != (path in new))
    if not turns:
        return Plan(), merged
    names = {Path(path).name for path in paths if path in old}
    layout = places.layout(root, package, otherwise=places.rendered_layout(root, names))
    own = chain.of_project(root, package, layout)
    arrived, retired, revived, unplaced = [], [], [], []
    for path in turns:
        rendered = script.parse(root / path, (new.get(path) or old[path]).content)
        kept = finding.kept(rendered, path, own, root)
        if path in old:
            if kept is not None:
                retired.append(relative(kept.file, root))
        elif not layout.folders:
            unplaced.append(path)
        elif kept is None:
            place = layout.arriving(path)
            merged[place] = merged.pop(path)
            arrived.append(place)
        else:
            _refuse_other(kept, rendered)
            revived.append(relative(kept.file, root))
            del merged[path]
    return Plan(tuple(arrived), tuple(retired), tuple(revived), tuple(unplaced), layout), merged


def refuse_turns(old: Mapping[str, File], before: str, new: Mapping[str, File], after: str) -> None:
    """Where the package is renamed, a revision moves with it; it cannot come, go, or find its place at once."""
    sides = ((old, before), (new, after))
    names = [{Path(path).name for path in files if places.is_rendered(path, package)} for files, package in sides]
    if names[0] != names[1]:
        raise RefusedError(
            f"the package gets another name and database revisions change at once: {min(names[0] ^ names[1])}",
            f"`copperplate set package_name={after}` first, then the rest",
        )


def settle(project: Path, package: str, plan: Plan) -> tuple[Change, ...]:
    """After the merge: one head, with what the plan asks for behind what the project has."""
    layout = places.layout(project.resolve(), package, otherwise=plan.layout)
    return (
        *retire(project, package, plan.retired, aside=plan.arrived, layout=layout),
        *revive(project, package, plan.revived, aside=plan.arrived, layout=layout),
        *fit(project, package, plan.arrived, layout=layout),
    )


def _refuse_other(kept: Script, arriving: Script) -> None:
    if kept.substance() != arriving.substance():
        raise RefusedError(
            f"{kept.file.name} is another database revision than the one of that name in the template",
            "rename the project's file, and commit that; Alembic goes by what is inside",
        )
