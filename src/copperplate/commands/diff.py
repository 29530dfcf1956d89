"""Command `copperplate diff`: the user's changes since the project was generated, as a patch of git."""

from dataclasses import dataclass
from pathlib import Path

from copperplate import compare, git, project
from copperplate.compare import Differences, Patches
from copperplate.progress import Progress
from copperplate.resources import pristine
from copperplate.system import folders
from copperplate.templates.location import NamedTemplate
from copperplate.templates.releases import recorded_versions, release_to_compare


@dataclass(frozen=True, slots=True)
class DiffResult:
    path: Path
    template_version: str
    files: Differences
    patch: bytes
    """Patch for `git apply`: it turns the template's files into those of the project."""

    summary: bytes
    """One line for each file, as `git diff --stat` prints it."""


def diff(path: Path, template: NamedTemplate | None = None, *, colour: bool, progress: Progress) -> DiffResult:
    """Compare, and change nothing. Raises `RefusedError` if there is no project, or nothing to compare it with."""
    git.require()
    found = project.load(project.find(path))
    if template:
        release, trust = release_to_compare(found, template, progress), template.trust
    else:
        release, trust = recorded_versions(found).at, False
    rendered = pristine.get(found, release, progress, trust=trust)
    current = compare.project_files(found.root, rendered)
    with folders.temporary() as folder:
        sides = Patches(folder, rendered, current)
        coloured = f"--color={'always' if colour else 'never'}"
        return DiffResult(
            path=found.root,
            template_version=found.template_version,
            files=compare.between(rendered, current),
            patch=sides.shown(coloured, "--binary"),
            summary=sides.shown(coloured, "--stat"),
        )
