"""Commands `copperplate status` and `copperplate diff`: the changes of the template and of the user.

They compare, and change nothing. Without `--template`, they need no network.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from copperplate import compare, project
from copperplate.compare import Differences
from copperplate.errors import ExitCode
from copperplate.git.run import require_git
from copperplate.progress import Progress
from copperplate.resources import rendering
from copperplate.system import folders
from copperplate.templates import bundled
from copperplate.templates.location import NamedTemplate
from copperplate.templates.releases import named_versions, recorded_versions, release_to_compare
from copperplate.update import preflight


@dataclass(frozen=True, slots=True)
class StatusResult:
    path: Path
    template_version: str
    newest_version: str
    """The newest version that Copperplate carries; for another template, the newest that this machine has fetched."""
    only_fetched: bool
    """True if `newest_version` is only the newest that was fetched; the template's repository may have newer ones."""
    answers_intact: bool
    """True if the answers file has the entries that the template writes, and no others."""
    compared_with: str
    """Version that is compared in place of the project's version, if the named template does not have that one."""
    unfinished: str | None
    """Subject of an update that waits for the user, such as "Add example"."""
    verb: str | None
    """Verb that continues or cancels it."""
    template: Differences
    """Differences between the project's version and the newest version."""
    project: Differences
    """Differences between the project's version of the template and the project; the added files are the user's own."""

    @property
    def outdated(self) -> bool:
        return self.template_version != self.newest_version

    @property
    def behind(self) -> bool:
        """True if an update would change files: a folder as a template can do so without a new version."""
        return self.outdated or bool(self.template)

    @property
    def drifted(self) -> bool:
        return self.behind or not self.answers_intact or self.unfinished is not None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.FAILED if self.drifted else ExitCode.DONE

    @property
    def own_files(self) -> tuple[str, ...]:
        """Files that git tracks and that are not in the template."""
        return self.project.added

    @property
    def edited(self) -> Differences:
        """Files of the template that the user has changed or deleted."""
        return replace(self.project, added=())

    def facts(self) -> dict[str, object]:
        return {
            "drifted": self.drifted,
            "behind": self.behind,
            **asdict(self),
            "own_files": self.own_files,
            "edited_files": self.edited.changed,
            "deleted_files": self.edited.deleted,
        }


def status(path: Path, template: NamedTemplate | None = None, *, progress: Progress) -> StatusResult:
    """Compare, and change nothing. Raises `RefusedError` if there is no project, or nothing to compare it with."""
    folders.sweep()
    found = preflight.load_project(project.find(path))
    versions = named_versions(found, template, progress) if template else recorded_versions(found)
    trust = template is not None and template.trust
    rendered = rendering.rendered_project(found, versions.at, progress, trust=trust)
    current = compare.project_files(found.root, rendered)
    renewed = rendered
    if versions.newest != versions.at:
        renewed = rendering.rendered_project(found, versions.newest, progress, trust=trust)
    waiting = preflight.unfinished_update(found.root)
    answers = (files[project.ANSWERS_FILE].content for files in (rendered, current))
    return StatusResult(
        path=found.root,
        template_version=versions.at.version,
        newest_version=versions.newest.version,
        only_fetched=template is None and found.template_source != bundled.SOURCE,
        answers_intact=len({repr(project.recorded(raw)) for raw in answers}) == 1,
        compared_with=versions.stand_in,
        unfinished=waiting.message if waiting else None,
        verb=waiting.verb if waiting else None,
        template=compare.between(rendered, renewed),
        project=compare.between(rendered, current),
    )


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
    require_git()
    found = project.load(project.find(path))
    if template:
        release, trust = release_to_compare(found, template, progress), template.trust
    else:
        release, trust = recorded_versions(found).at, False
    rendered = rendering.rendered_project(found, release, progress, trust=trust)
    current = compare.project_files(found.root, rendered)
    patch, summary = compare.patches(rendered, current, "--binary", "--stat", colour=colour)
    files = compare.between(rendered, current)
    return DiffResult(found.root, found.template_version, files, patch, summary)
