"""`copperplate diff`: the user's changes since the project was generated, as git shows them."""

from dataclasses import dataclass
from pathlib import Path

from copperplate import comparison, git, origin, pristine, project
from copperplate.comparison import Differences
from copperplate.origin import NamedTemplate
from copperplate.patches import Patches
from copperplate.progress import Progress
from copperplate.system import folders


@dataclass(frozen=True, slots=True)
class DiffResult:
    path: Path
    template_version: str
    files: Differences
    patch: bytes
    """As it would be piped to `git apply`, which brings the template's files to the state of the project's."""

    summary: bytes
    """One line a file, as `git diff --stat` has it."""


def diff(path: Path, template: NamedTemplate | None = None, *, colour: bool, progress: Progress) -> DiffResult:
    """Compare, and change nothing. Raises `RefusedError` where there is no project, or nothing to compare it with."""
    git.require()
    found = project.load(project.find(path))
    if template:
        release, trust = origin.to_compare(found, template, progress), template.trust
    else:
        release, trust = origin.of_project(found).at, False
    rendered = pristine.rendered(found, release, progress, trust=trust)
    current = comparison.project_files(found.root, rendered)
    with folders.temporary() as folder:
        sides = Patches(folder, rendered, current)
        coloured = f"--color={'always' if colour else 'never'}"
        return DiffResult(
            path=found.root,
            template_version=found.template_version,
            files=comparison.between(rendered, current),
            patch=sides.shown(coloured, "--binary"),
            summary=sides.shown(coloured, "--stat"),
        )
