"""Plan: what two renderings mean for the revisions of a project. Some arrive, some lose their feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.migrations import script, write
from copperplate.migrations.layout import Layout, find_script, is_rendered, read_layout, rendered_layout
from copperplate.migrations.script import Change, Script, relative
from copperplate.migrations.write import append_to_head, write_drop, write_recreate
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
    paths = {path for path in old.keys() | new.keys() if is_rendered(path, package)}
    merged = {**new, **{path: old[path] for path in paths if path in old}}
    turns = sorted(path for path in paths if (path in old) != (path in new))
    if not turns:
        return Plan(), merged
    names = {Path(path).name for path in paths if path in old}
    layout = read_layout(root, package, otherwise=rendered_layout(root, names))
    own = script.read_all(root, package, layout)
    arrived, retired, revived, unplaced = [], [], [], []
    for path in turns:
        rendered = script.parse(root / path, (new.get(path) or old[path]).content)
        kept = match_revision(rendered, path, own, root)
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
    names = [{Path(path).name for path in files if is_rendered(path, package)} for files, package in sides]
    if names[0] != names[1]:
        raise RefusedError(
            f"the package gets another name and database revisions change at once: {min(names[0] ^ names[1])}",
            f"`copperplate set package_name={after}` first, then the rest",
        )


def settle(project: Path, package: str, plan: Plan) -> tuple[Change, ...]:
    """After the merge: one head, with what the plan asks for behind what the project has."""
    layout = read_layout(project.resolve(), package, otherwise=plan.layout)
    return (
        *write_drop(project, package, plan.retired, aside=plan.arrived, layout=layout),
        *write_recreate(project, package, plan.revived, aside=plan.arrived, layout=layout),
        *append_to_head(project, package, plan.arrived, layout=layout),
    )


def _refuse_other(kept: Script, arriving: Script) -> None:
    if kept.substance() != arriving.substance():
        raise RefusedError(
            f"{kept.file.name} is another database revision than the one of that name in the template",
            "rename the project's file, and commit that; Alembic goes by what is inside",
        )


def match_revision(rendered: Script, path: str, own: Sequence[Script], root: Path) -> Script | None:
    """That of `own` which does the same; else which stands in its place; else which has its id and its title.

    Its id alone would not do: `0002` is what both the project and the template call their second. Nor is it the same
    id for ever, for a revision that arrives gets another one where the project uses that.
    """
    originals = [each for each in own if not write.is_turn(each)]
    same = [each for each in originals if each.substance() == rendered.substance()]
    named = find_script(path, [each.file for each in same or originals], root)
    for each in same or originals:
        if each.file == named:
            return each
    if same:
        return next((each for each in same if each.revision == rendered.revision), same[0])
    titled = (each for each in originals if (each.revision, each.summary) == (rendered.revision, rendered.summary))
    return next(titled, None)
