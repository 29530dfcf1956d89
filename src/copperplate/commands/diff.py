"""`copperplate diff`: what a project has otherwise than its version of the template, as git shows it."""

from dataclasses import dataclass
from pathlib import Path

from copperplate import comparison, git, origin, pristine, project, temporary
from copperplate.comparison import Differences
from copperplate.patches import Patches
from copperplate.progress import Progress


@dataclass(frozen=True, slots=True)
class DiffResult:
    path: Path
    template_version: str
    files: Differences
    patch: bytes
    """As it would be piped to `git apply`, which brings the template's files to the state of the project's."""

    summary: bytes
    """One line a file, as `git diff --stat` has it."""


def diff(path: Path, *, colour: bool, progress: Progress) -> DiffResult:
    """Compare, and change nothing. Raises `RefusedError` where there is no project of this tool's template."""
    git.require()
    found = project.load(path)
    rendered = pristine.rendered(found, origin.of_project(found).at, progress)
    current = comparison.project_files(found.root, rendered)
    with temporary.folder() as folder:
        sides = Patches(folder, rendered, current)
        coloured = f"--color={'always' if colour else 'never'}"
        return DiffResult(
            path=found.root,
            template_version=found.template_version,
            files=comparison.between(rendered, current),
            patch=sides.shown(coloured, "--binary"),
            summary=sides.shown(coloured, "--stat"),
        )
