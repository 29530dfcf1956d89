"""`copperplate status`: what the template and the user have changed since a project was generated.

Without `--template` it needs no network.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from copperplate import compare, project, render_cache
from copperplate.compare import Differences
from copperplate.errors import ExitCode
from copperplate.progress import Progress
from copperplate.system import folders
from copperplate.templates import bundled
from copperplate.templates.location import NamedTemplate
from copperplate.templates.releases import named_versions, recorded_versions
from copperplate.update import preflight


@dataclass(frozen=True, slots=True)
class StatusResult:
    path: Path
    template_version: str
    newest_version: str
    """That this tool carries; of a template of others, that was fetched to this machine."""

    only_fetched: bool
    """Whether `newest_version` is the newest of those that were fetched: where the template is, there may be more."""

    answers_intact: bool
    """Whether the answers file has the entries that the template writes, and no others."""

    compared_with: str
    """What of a template that the user names stands for the project's version, where that template does not have it."""

    unfinished: str | None
    """What an update that waits for the user is to be, such as "Add example"."""

    template: Differences
    """What the newest version has otherwise than the project's version has it."""

    project: Differences
    """What the project has otherwise than its version of the template; added are the user's own files."""

    @property
    def outdated(self) -> bool:
        """The project is not at the newest version."""
        return self.template_version != self.newest_version

    @property
    def behind(self) -> bool:
        """The template would change files of the project; that of a folder may do so without a new version."""
        return self.outdated or bool(self.template)

    @property
    def drifted(self) -> bool:
        return self.behind or not self.answers_intact or self.unfinished is not None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.FAILED if self.drifted else ExitCode.DONE

    @property
    def own_files(self) -> tuple[str, ...]:
        """Files that git tracks and the template does not have."""
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
    """Compare, and change nothing. Raises `RefusedError` where there is no project, or nothing to compare it with."""
    folders.sweep()
    found = preflight.load_project(project.find(path))
    versions = named_versions(found, template, progress) if template else recorded_versions(found)
    trust = template is not None and template.trust
    rendered = render_cache.get(found, versions.at, progress, trust=trust)
    current = compare.project_files(found.root, rendered)
    renewed = rendered
    if versions.newest != versions.at:
        renewed = render_cache.get(found, versions.newest, progress, trust=trust)
    answers = (files[project.ANSWERS_FILE].content for files in (rendered, current))
    return StatusResult(
        path=found.root,
        template_version=versions.at.version,
        newest_version=versions.newest.version,
        only_fetched=template is None and found.template_source != bundled.SOURCE,
        answers_intact=len({repr(project.recorded(raw)) for raw in answers}) == 1,
        compared_with=versions.stand_in,
        unfinished=preflight.unfinished_update(found.root),
        template=compare.between(rendered, renewed),
        project=compare.between(rendered, current),
    )
