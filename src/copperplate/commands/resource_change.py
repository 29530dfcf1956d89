"""Commands `copperplate resource change`, `remove`, `eject` and `diff`: the resource is rendered again, and merged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from copperplate import compare, project
from copperplate.commands import resource as resources
from copperplate.compare import Differences
from copperplate.errors import RefusedError
from copperplate.git.run import require_git
from copperplate.progress import Progress, Steps
from copperplate.project import Project
from copperplate.resources import checks, definitions, merging, naming, rendering, revised, wiring
from copperplate.resources.definitions import Definition
from copperplate.resources.merging import Request
from copperplate.resources.owners import Owners
from copperplate.resources.revised import Revised, Wish
from copperplate.resources.specification import Resource
from copperplate.system import folders
from copperplate.system.disk import File
from copperplate.templates.location import NamedTemplate
from copperplate.update.draft import Draft, check_out, with_revisions
from copperplate.update.result import Options, UpdateResult


def change(  # noqa: PLR0913 - each decides what is changed, or how
    path: Path, name: str, wish: Wish, template: NamedTemplate | None, *, options: Options, progress: Progress
) -> UpdateResult:
    """Change the resource `name` of the project around `path`, in one commit.

    Raises `InputError` or `RefusedError`, and changes nothing, if it cannot be done, or if rows would lose values.
    """
    root = project.find(path)
    found = project.load(root)
    known = definitions.load_recorded(root)
    resource = resources.require(known, name)
    targets = {**resource.targets, **{other: each.target for other, each in known.items()}}
    referring = [each for each in known.values() if name in each.references]
    revision = revised.revise(resource, wish, targets, referring, Owners.of(found.answers))
    checks.refuse_taken_types(resource, revision.after, naming.taken_tables(root, found.package_name))
    request = Request(revision, tuple(known.values()), _message(found, name))

    def draft(work: merging.Work, folder: Path, steps: Steps) -> Draft:
        merging.require_layout(found)
        with steps.step("Render"):
            release = rendering.template_of(found, template, steps)
            old, new = (
                rendering.render_all(each, release, found.template_source, found.package_name, folder / side)
                for each, side in _sides(revision)
            )
        with steps.step("Merge"):
            merged = merging.merge(work, [name, *(each.name for each, _ in revision.dependents)], old, new)
        if any(old.get(path) != new.get(path) for path in {*old, *new} if path.endswith("/models.py")):
            with steps.step("Revision"):
                merged = _with_revision(work, merged, request, steps)
        return merged

    return merging.in_one_commit(found, "change", f"resource {name}", draft, options=options, progress=progress)


def wish_of_definition(path: Path, definition: Definition, renames: Sequence[str], *, lossy: bool) -> Wish:
    """Return the wish by which the resource of the project around `path` becomes as it is defined."""
    found = project.load(project.find(path))
    resource = resources.require(definitions.load_recorded(found.root), definition.name)
    return revised.wish_for(resource, definition, renames, Owners.of(found.answers), lossy=lossy)


def _message(found: Project, name: str) -> str:
    """Return the title of the revision; it has a number if a file of that name was written in the same minute."""
    layout = merging.require_layout(found)
    known = {file.stem for file in layout.scripts(found.root)}
    stem = f"{datetime.now(UTC):%Y%m%d_%H%M}_change_{name}"
    title = f"Change {name.replace('_', ' ')}"
    return next(
        f"{title} {number}" if number > 1 else title
        for number in count(1)
        if (f"{stem}_{number}" if number > 1 else stem) not in known
    )


def _sides(found: Revised) -> tuple[tuple[list[Resource], str], tuple[list[Resource], str]]:
    """Return the resources that are rendered again, before and after."""
    pairs = [(found.before, found.after), *found.dependents]
    return ([before for before, _ in pairs], "old"), ([after for _, after in pairs], "new")


def _with_revision(work: merging.Work, draft: Draft, request: Request, progress: Progress) -> Draft:
    """Write the revision for the merged models; where they conflict, the new fields are taken."""
    project = check_out(work.scratch, draft.head, merging.without_conflicts(work, draft))
    written = merging.write_revision(project, work.project, request, work.scratch.path.parent, progress)
    return with_revisions(work.scratch, draft, project, (written,)) if written else draft


@dataclass(frozen=True, slots=True)
class DiffResult:
    files: Differences
    patch: bytes
    """Patch for `git apply`: it turns the rendered files into those of the project."""


def diff(path: Path, name: str, template: NamedTemplate | None, *, colour: bool, progress: Progress) -> DiffResult:
    """Compare the files of a resource with its rendering, and change nothing."""
    require_git()
    root = project.find(path)
    found = project.load(root)
    resource = resources.require(definitions.load_recorded(root), name)
    release = rendering.template_of(found, template, progress)
    with folders.temporary() as folder, progress.step("Render"):
        rendered = rendering.render_all(
            [resource], release, found.template_source, found.package_name, folder / "rendered"
        )
        own = (f"src/{found.package_name}/{name}/", f"tests/{name}/")
        files = compare.project_files(root, rendered)
        current = {file: content for file, content in files.items() if file in rendered or file.startswith(own)}
        (patch,) = compare.patches(rendered, current, "--binary", colour=colour)
    return DiffResult(compare.between(rendered, current), patch)


def eject(path: Path, name: str, *, options: Options, progress: Progress) -> UpdateResult:
    """Forget the specification of a resource, in one commit. Its files stay; no check is needed for that."""
    root = project.find(path)
    found = project.load(root)
    resources.require(definitions.load_recorded(root), name)
    record = definitions.path_of(name)

    def draft(work: merging.Work, _folder: Path, _steps: Steps) -> Draft:
        entries = work.scratch.entries(work.tree)
        if record not in entries:
            raise RefusedError(f"{record} is not committed", "git add and git commit it first")
        content = work.scratch.files(entries, [record])[record]
        return merging.merge(work, [name], {record: File(0o644, content)}, {})

    unverified = replace(options, verify=False)
    return merging.in_one_commit(found, "eject", f"resource {name}", draft, options=unverified, progress=progress)


def remove(
    path: Path, name: str, template: NamedTemplate | None, *, options: Options, progress: Progress
) -> UpdateResult:
    """Remove the resource `name` of the project around `path`, in one commit.

    Files that the user has changed, or that other code imports, are left as conflicts. Raises `InputError` or
    `RefusedError`, and changes nothing, if it cannot be done.
    """
    root = project.find(path)
    found = project.load(root)
    known = definitions.load_recorded(root)
    resource = resources.require(known, name)
    merging.refuse_referred(name, known)

    def draft(work: merging.Work, folder: Path, steps: Steps) -> Draft:
        with steps.step("Render"):
            release = rendering.template_of(found, template, steps)
            inside = folder / "old"
            inside.mkdir()
            old = rendering.render_without_revision(
                release, resource, source=found.template_source, package=found.package_name, inside=inside
            )
            if len(known) > 1:
                old.pop(rendering.shared_file(found.package_name), None)
        with steps.step("Merge"):
            merging.require_layout(found)
            before, after = resources.with_features(
                work, lambda source, path: wiring.remove_feature(source, resource.name, path)
            )
            merged = merging.merge(work, [resource.name], {**old, **before}, after)
            return merging.with_dropping_revision(work, merged, resource)

    return merging.in_one_commit(found, "remove", f"resource {name}", draft, options=options, progress=progress)
