"""Command `copperplate resource change`: change a resource, and write the revision for its table."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from copperplate import project
from copperplate.commands import resource as resources
from copperplate.git import repository
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.progress import Progress, Steps
from copperplate.project import Project
from copperplate.resources import checks, database, merging, records, rendering, revised, taken
from copperplate.resources.database import Request
from copperplate.resources.definitions import Definition
from copperplate.resources.revised import Revised, Wish
from copperplate.resources.specification import Resource
from copperplate.system import folders
from copperplate.templates.location import NamedTemplate
from copperplate.update import preflight
from copperplate.update.draft import Draft, check_out, verify_and_apply
from copperplate.update.result import Options, UpdateResult


def change(  # noqa: PLR0913 - each decides what is changed, or how
    path: Path, name: str, wish: Wish, template: NamedTemplate | None, *, options: Options, progress: Progress
) -> UpdateResult:
    """Change the resource `name` of the project around `path`, in one commit.

    Raises `InputError` or `RefusedError`, and changes nothing, if it cannot be done, or if rows would lose values.
    """
    root = project.find(path)
    found = project.load(root)
    known = records.load(root)
    resource = resources.require(known, name)
    targets = {**resource.targets, **{other: each.target for other, each in known.items()}}
    referring = [each for each in known.values() if name in each.references]
    revision = revised.revise(resource, wish, targets, referring)
    checks.refuse_taken_types(resource, revision.after, taken.tables(root, found.package_name))
    request = Request(revision, tuple(known.values()), _message(found, name))
    around = repository.around(root)
    result, said = preflight.run_exclusively(
        around, lambda: _change(found, request, around, template, options=options, steps=Steps(progress))
    )
    return replace(result, recovered=said)


def wish_of_definition(path: Path, definition: Definition, renames: Sequence[str], *, lossy: bool) -> Wish:
    """Return the wish by which the resource of the project around `path` becomes as it is defined."""
    known = records.load(project.find(path))
    return revised.wish_for(resources.require(known, definition.name), definition, renames, lossy=lossy)


def _change(  # noqa: PLR0913 - each decides what is changed, or how
    found: Project,
    request: Request,
    around: Repository,
    template: NamedTemplate | None,
    *,
    options: Options,
    steps: Steps,
) -> UpdateResult:
    name = request.revised.after.name
    with folders.temporary() as folder:
        scratch = Scratch.make(folder / "scratch.git", around)
        work = merging.Work.begin(found, scratch)
        merging.require_layout(found)
        with steps.step("Render"):
            release = rendering.template_of(found, template, steps)
            old, new = (
                rendering.render_all(each, release, found.template_source, found.package_name, folder / side)
                for each, side in _sides(request.revised)
            )
        with steps.step("Merge"):
            names = [name, *(each.name for each, _ in request.revised.dependents)]
            draft = merging.merge(work, names, old, new)
        with steps.step("Revision"):
            draft = _with_revision(work, draft, request, steps)
        subject = merging.subject(found, "change", name)
        result = verify_and_apply(scratch, subject, draft, options=options, steps=steps)
    return replace(result, steps=steps.done)


def _message(found: Project, name: str) -> str:
    """Return the title of the revision; it has a number if a file of that name was written in the same minute."""
    layout = merging.require_layout(found)
    taken = {file.stem for file in layout.scripts(found.root)}
    stem = f"{datetime.now(UTC):%Y%m%d_%H%M}_change_{name}"
    title = f"Change {name.replace('_', ' ')}"
    return next(
        f"{title} {number}" if number > 1 else title
        for number in count(1)
        if (f"{stem}_{number}" if number > 1 else stem) not in taken
    )


def _sides(found: Revised) -> tuple[tuple[list[Resource], str], tuple[list[Resource], str]]:
    """Return the resources that are rendered again, before and after."""
    pairs = [(found.before, found.after), *found.dependents]
    return ([before for before, _ in pairs], "old"), ([after for _, after in pairs], "new")


def _with_revision(work: merging.Work, draft: Draft, request: Request, progress: Progress) -> Draft:
    """Write the revision for the merged models; where they conflict, the new fields are taken."""
    there = check_out(work.scratch, draft.head, merging.without_conflicts(work, draft))
    written = database.write_revision(there.project, work.project, request, work.scratch.path.parent, progress)
    return merging.with_changes(work.scratch, draft, there, (written,)) if written else draft
