"""Result of an update: its state, its files in groups by whose version was taken, and what else to report."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate.errors import ExitCode
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
    """Where it was before, if it has moved."""


@dataclass(frozen=True, slots=True)
class ConflictLeft:
    path: str
    kind: str
    detail: str
    origin: str | None = None
    """Where the project had it before, if it is somewhere else now."""


@dataclass(frozen=True, slots=True)
class NewOption:
    name: str
    help: str
    answer: Value


@dataclass(frozen=True, slots=True)
class Report:
    updated: tuple[FileChange, ...] = ()
    """As the template has them now; the user had not touched them."""

    added: tuple[FileChange, ...] = ()
    renamed: tuple[FileChange, ...] = ()
    merged: tuple[FileChange, ...] = ()
    """With the user's changes and the template's."""

    kept: tuple[FileChange, ...] = ()
    """The template's files as the user has changed them; the template has nothing new for them."""

    deleted: tuple[FileChange, ...] = ()
    kept_deleted: tuple[FileChange, ...] = ()
    conflicts: tuple[ConflictLeft, ...] = ()
    lock: tuple[LockChange, ...] = ()
    notes: tuple[Note, ...] = ()
    new_options: tuple[NewOption, ...] = ()
    dropped_answers: tuple[str, ...] = ()
    revisions: tuple[RevisionChange, ...] = ()
    """What was done to migrations of the database, and what that means."""


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
    """The user's turn: nothing is committed yet."""

    RED = "red"
    """The project's own checks fail with it, so nothing has been changed."""


@dataclass(frozen=True, slots=True)
class UpdateResult:
    project: Path
    before: str
    """The template's version."""

    after: str
    state: State
    message: str
    report: Report
    commit: str | None = None
    unsigned: bool = False
    """The user signs commits, and this one is not."""

    verified: "VerifyResult | None" = None
    patch: str = ""
    worktree: Path | None = None
    """The throw-away checkout, where it was to be kept."""

    kept: Path | None = None
    """The folder with what other programs have written, while it was applied, into files that it replaced."""

    recovered: str = ""
    """What was done about an update that was cut short before this one."""

    reason: str = ""
    """Why there was nothing to do, where something in particular was asked for."""

    resumed: bool = False
    """Whether this goes on with an update whose conflicts the user has resolved."""

    unstaged: tuple[str, ...] = ()
    """Where the checks of such an update fail: files that the user has changed, but not staged, so they had no part."""

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
    """The files of the update that was taken back."""

    kept: Path | None
    """Where the user's edits since then were put, if there were any."""
