"""The report of an update: its files in groups that say whose version was taken, and what else there is to know."""

from dataclasses import dataclass

from copperplate.lockfile import LockChange
from copperplate.migrations import Change as RevisionChange
from copperplate.questions.manifest import Value
from copperplate.templates.release_notes import Note


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
