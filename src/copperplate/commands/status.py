"""`copperplate status`: where a project stands between its template and what became of it. Needs no network."""

from dataclasses import asdict, dataclass
from pathlib import Path

from copperplate import comparison, git, origin, pristine, project, temporary
from copperplate.comparison import Differences
from copperplate.errors import ExitCode
from copperplate.progress import Progress
from copperplate.updating import journal


@dataclass(frozen=True, slots=True)
class StatusResult:
    path: Path
    template_version: str
    newest_version: str
    """That this tool carries; of a template of others, that was fetched to this machine."""

    answers_intact: bool
    """Whether the answers file is as it was rendered."""

    unfinished: str | None
    """What an update that waits for the user is to be, such as "Add example"."""

    template: Differences
    """What the newest version has otherwise than the project's version has it."""

    project: Differences
    """What the project has otherwise than its version of the template."""

    @property
    def behind(self) -> bool:
        return self.template_version != self.newest_version

    @property
    def drifted(self) -> bool:
        return self.behind or not self.answers_intact or self.unfinished is not None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.FAILED if self.drifted else ExitCode.DONE

    def facts(self) -> dict[str, object]:
        return asdict(self)


def status(path: Path, *, progress: Progress) -> StatusResult:
    """Compare, and change nothing. Raises `RefusedError` where there is no project of this tool's template."""
    temporary.sweep()
    found = project.load(path)
    template = origin.of_project(found)
    rendered = pristine.rendered(found, template.at, progress)
    current = comparison.project_files(found.root, rendered)
    behind = template.newest.version != template.at.version
    renewed = pristine.rendered(found, template.newest, progress) if behind else rendered
    answers = (files[project.ANSWERS_FILE].content for files in (rendered, current))
    return StatusResult(
        path=found.root,
        template_version=template.at.version,
        newest_version=template.newest.version,
        answers_intact=len({repr(project.recorded(raw)) for raw in answers}) == 1,
        unfinished=_unfinished(found.root),
        template=comparison.between(rendered, renewed),
        project=comparison.between(rendered, current),
    )


def _unfinished(root: Path) -> str | None:
    located = git.locate(root) if git.available() else None
    return journal.waiting(located.git_dir) if located else None
