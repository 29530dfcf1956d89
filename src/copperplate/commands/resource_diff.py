"""Commands `copperplate resource diff` and `eject`: the user's changes of a resource, and the end of its life."""

from dataclasses import dataclass, replace
from pathlib import Path

from copperplate import compare, git, project
from copperplate.commands import resource as resources
from copperplate.compare import Differences, Patches
from copperplate.errors import RefusedError
from copperplate.git import repository
from copperplate.git.scratch import Scratch
from copperplate.progress import Progress, Steps
from copperplate.resources import merging, records, rendering
from copperplate.system import folders
from copperplate.system.disk import File
from copperplate.templates.location import NamedTemplate
from copperplate.update import preflight
from copperplate.update.draft import verify_and_apply
from copperplate.update.result import Options, UpdateResult


@dataclass(frozen=True, slots=True)
class DiffResult:
    files: Differences
    patch: bytes
    """Patch for `git apply`: it turns the rendered files into those of the project."""


def diff(path: Path, name: str, template: NamedTemplate | None, *, colour: bool, progress: Progress) -> DiffResult:
    """Compare the files of a resource with its rendering, and change nothing."""
    git.require()
    root = project.find(path)
    found = project.load(root)
    resource = resources.require(records.load(root), name)
    release = rendering.template_of(found, template, progress)
    with folders.temporary() as folder, progress.step("Render"):
        rendered = rendering.render_all(
            [resource], release, found.template_source, found.package_name, folder / "rendered"
        )
        own = (f"src/{found.package_name}/{name}/", f"tests/{name}/")
        current = {
            file: content
            for file, content in compare.project_files(root, rendered).items()
            if file in rendered or file.startswith(own)
        }
        (folder / "patches").mkdir()
        sides = Patches(folder / "patches", rendered, current)
        patch = sides.shown(f"--color={'always' if colour else 'never'}", "--binary")
    return DiffResult(compare.between(rendered, current), patch)


def eject(path: Path, name: str, *, options: Options, progress: Progress) -> UpdateResult:
    """Forget the specification of a resource, in one commit. Its files stay; no check is needed for that."""
    root = project.find(path)
    found = project.load(root)
    known = records.load(root)
    resources.require(known, name)
    around = repository.around(root)
    steps = Steps(progress)

    def run() -> UpdateResult:
        with folders.temporary() as folder:
            work = merging.Work.begin(found, Scratch.make(folder / "scratch.git", around))
            record = records.path_of(name)
            entries = work.scratch.entries(work.tree)
            if record not in entries:
                raise RefusedError(f"{record} is not committed", "git add and git commit it first")
            content = work.scratch.files(entries, [record])[record]
            draft = merging.merge(work, [name], {record: File(0o644, content)}, {})
            subject = merging.subject(found, "eject", name)
            return verify_and_apply(work.scratch, subject, draft, options=replace(options, verify=False), steps=steps)

    result, said = preflight.run_exclusively(around, run)
    return replace(result, recovered=said, steps=steps.done)
