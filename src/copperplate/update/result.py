"""Result of an update: its state, its files grouped by whose version was taken, and everything else to report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate.errors import ExitCode, Recovery
from copperplate.lockfile import LockChange
from copperplate.migrations import Change as RevisionChange
from copperplate.progress import Step
from copperplate.questions.manifest import Value
from copperplate.templates.template import Note

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


@dataclass(frozen=True, slots=True)
class FileChange:
    path: str
    origin: str | None = None
    """Old path, if the file was moved."""


@dataclass(frozen=True, slots=True)
class ConflictLeft:
    path: str
    kind: str
    detail: str
    origin: str | None = None
    """Old path in the project, if it is another one now."""


@dataclass(frozen=True, slots=True)
class NewOption:
    name: str
    help: str
    answer: Value


@dataclass(frozen=True, slots=True)
class Report:
    updated: tuple[FileChange, ...] = ()
    """Files in the template's new version, which the user had not changed."""

    added: tuple[FileChange, ...] = ()
    renamed: tuple[FileChange, ...] = ()
    merged: tuple[FileChange, ...] = ()
    """Files with the changes of both the user and the template."""

    kept: tuple[FileChange, ...] = ()
    """Files of the template that the user has changed and the template has not."""

    deleted: tuple[FileChange, ...] = ()
    kept_deleted: tuple[FileChange, ...] = ()
    conflicts: tuple[ConflictLeft, ...] = ()
    lock: tuple[LockChange, ...] = ()
    notes: tuple[Note, ...] = ()
    new_options: tuple[NewOption, ...] = ()
    dropped_answers: tuple[str, ...] = ()
    revisions: tuple[RevisionChange, ...] = ()
    """Changes of database migrations, and their meaning."""

    shared: Mapping[str, str] = field(default_factory=dict)
    """Resources whose rows belong to everybody from now on, and the command that gives their rows owners."""


@dataclass(frozen=True, slots=True)
class Options:
    verify: bool = True
    lock: bool = True
    dry_run: bool = False
    keep_worktree: bool = False
    trust: bool = False
    """Allow a third-party template to run code."""


class State(StrEnum):
    UNCHANGED = "unchanged"
    """There was nothing to do."""

    PREVIEWED = "previewed"
    LANDED = "landed"
    CONFLICTS = "conflicts"
    """The user has to act: nothing is committed yet."""

    RED = "red"
    """The project's own checks fail with the update, so nothing was changed."""


@dataclass(frozen=True, slots=True)
class UpdateResult:
    project: Path
    before: str
    """Version of the template."""

    after: str
    state: State
    message: str
    report: Report
    commit: str | None = None
    unsigned: bool = False
    """True if the user signs commits; this commit is not signed."""

    verified: "VerifyResult | None" = None
    patch: str = ""
    worktree: Path | None = None
    """Temporary checkout, if it is kept."""

    kept: Path | None = None
    """Folder with the changes that other programs made to replaced files while the update was applied."""

    recovered: Recovery | None = None
    """Recovery of an earlier, interrupted update."""

    reason: str = ""
    """Reason why there was nothing to do for the request."""

    verb: str = "update"
    """Verb that continues or cancels it, such as `resource change`."""

    resumed: bool = False
    """True if this continues an update whose conflicts the user has resolved."""

    unstaged: tuple[str, ...] = ()
    """If the checks of such an update fail: changed files that were not staged, so they were not checked."""

    steps: tuple[Step, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        if self.state is State.RED:
            return ExitCode.FAILED
        return ExitCode.CONFLICTS if self.report.conflicts else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class AbortResult:
    project: Path
    restored: tuple[str, ...]
    """Files of the update, which were restored."""

    kept: Path | None
    """Folder with the user's edits since then, if there were any."""
