"""Plan: the changes of a project's revisions between two renderings. Some are new, others lose their feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from copperplate.errors.updates import RenamedWithRevisionsError, SameRevisionError
from copperplate.migrations import script, write
from copperplate.migrations.layout import Layout, find_script, is_rendered, read_layout, rendered_layout
from copperplate.migrations.script import Change, Script, relative
from copperplate.migrations.write import append_to_head, write_turned
from copperplate.system.disk import File


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths relative to the project's root."""

    arrived: tuple[str, ...] = ()
    """New revisions, which the merge adds."""
    retired: tuple[str, ...] = ()
    """Revisions that the template no longer has, and the project keeps."""
    revived: tuple[str, ...] = ()
    """Revisions that the template has again, and the project had kept."""
    unplaced: tuple[str, ...] = ()
    """New revisions for a project that keeps its revisions outside its folder; the merge leaves them to the user."""
    layout: Layout | None = field(default=None, compare=False)
    """Folders of the project's revisions before the merge, which may leave a conflict in the settings."""


def prepare(
    old: Mapping[str, File], new: Mapping[str, File], project: Path, package: str
) -> tuple[Plan, dict[str, File]]:
    """Compare two renderings. The second result is `new` for the merge: it changes no revision of the project.

    It has all revisions of `old`, byte for byte, and no other revision that `project` has kept. New revisions are in
    the project's own folder of revisions. Raises `RefusedError` if another revision of the project has the path of a
    new one.
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
    """Refuse to add or remove revisions while the package is renamed: only moves with the package are possible then."""
    sides = ((old, before), (new, after))
    names = [{Path(path).name for path in files if is_rendered(path, package)} for files, package in sides]
    if names[0] != names[1]:
        what = f"the package gets another name and database revisions change at once: {min(names[0] ^ names[1])}"
        hint = f"`copperplate set package_name={after}` first, then the rest"
        raise RenamedWithRevisionsError(what, hint, file=min(names[0] ^ names[1]))


def settle(project: Path, package: str, plan: Plan) -> tuple[Change, ...]:
    """Settle the revisions after the merge: those of the plan follow the project's own, with one head."""
    layout = read_layout(project.resolve(), package, otherwise=plan.layout)
    return (
        *write_turned(project, package, plan.retired, drop=True, aside=plan.arrived, layout=layout),
        *write_turned(project, package, plan.revived, drop=False, aside=plan.arrived, layout=layout),
        *append_to_head(project, package, plan.arrived, layout=layout),
    )


def _refuse_other(kept: Script, arriving: Script) -> None:
    if kept.substance() != arriving.substance():
        what = f"{kept.file.name} is another database revision than the one of that name in the template"
        hint = "rename the project's file, and commit that; Alembic does not use the file name"
        raise SameRevisionError(what, hint, file=kept.file.name)


def match_revision(rendered: Script, path: str, own: Sequence[Script], root: Path) -> Script | None:
    """Find the revision in `own` that does the same; or the one with the same path; or with the same id and title.

    The id alone is not enough: the project and the template may both have `0002`. The id can also change: a new
    revision gets another id if the project uses its id.
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
