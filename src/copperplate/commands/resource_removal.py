"""Command `copperplate resource remove`: remove a resource, and write a revision that drops its table."""

from dataclasses import replace
from pathlib import Path

from copperplate import project
from copperplate.commands import resource as resources
from copperplate.git import repository
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.progress import Progress, Steps
from copperplate.project import Project
from copperplate.resources import merging, records, rendering, wiring
from copperplate.resources.specification import Resource
from copperplate.system import folders
from copperplate.system.disk import File
from copperplate.templates.location import NamedTemplate
from copperplate.update import preflight
from copperplate.update.draft import verify_and_apply
from copperplate.update.result import Options, UpdateResult


def remove(
    path: Path, name: str, template: NamedTemplate | None, *, options: Options, progress: Progress
) -> UpdateResult:
    """Remove the resource `name` of the project around `path`, in one commit.

    Files that the user has changed, or that other code imports, are left as conflicts. Raises `InputError` or
    `RefusedError`, and changes nothing, if it cannot be done.
    """
    root = project.find(path)
    found = project.load(root)
    known = records.load(root)
    resource = resources.require(known, name)
    merging.refuse_referred(name, known)
    around = repository.around(root)
    result, said = preflight.run_exclusively(
        around, lambda: _remove(found, resource, around, template, options=options, steps=Steps(progress))
    )
    return replace(result, recovered=said)


def _remove(  # noqa: PLR0913 - each decides what is removed, or how
    found: Project,
    resource: Resource,
    around: Repository,
    template: NamedTemplate | None,
    *,
    options: Options,
    steps: Steps,
) -> UpdateResult:
    with folders.temporary() as folder:
        scratch = Scratch.make(folder / "scratch.git", around)
        work = merging.Work.begin(found, scratch)
        with steps.step("Render"):
            release = rendering.template_of(found, template, steps)
            inside = folder / "old"
            inside.mkdir()
            old = rendering.render_without_revision(
                release, resource, source=found.template_source, package=found.package_name, inside=inside
            )
        with steps.step("Merge"):
            merging.require_layout(found)
            before, after = _unwired(work, resource.name)
            draft = merging.merge(work, [resource.name], {**old, **before}, after)
            draft = merging.with_dropping_revision(work, draft, resource)
        subject = merging.subject(found, "remove", resource.name)
        result = verify_and_apply(scratch, subject, draft, options=options, steps=steps)
    return replace(result, steps=steps.done)


def _unwired(work: merging.Work, name: str) -> tuple[dict[str, File], dict[str, File]]:
    """Return the list of features before and after; neither if the project does not have that file."""
    path = f"src/{work.project.package_name}/project.py"
    entries = work.scratch.entries(work.tree)
    source = work.scratch.files(entries, [path]).get(path)
    if source is None:
        return {}, {}
    mode = int(entries[path].mode[-3:], 8)
    return {path: File(mode, source)}, {path: File(mode, wiring.remove_feature(source, name, path))}
