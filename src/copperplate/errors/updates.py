"""Errors of an update: what is in its way, in git and in the files; what is left of it; and database revisions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from copperplate.errors import BrokenError, CopperplateError, ExitCode, Recovery, RefusedError

Obstacle = Literal["unmerged", "uncommitted", "staged", "marked", "untracked", "submodule", "filter"]
RevisionFault = Literal["syntax", "computed", "revision", "down_revision"]


class GitTooOldError(RefusedError):
    version: str


class GitBusyError(RefusedError):
    """Another git process uses the index."""

    lock: Path


class GitUnfinishedError(RefusedError):
    """A merge, a rebase or the like is in progress."""

    operation: str


class NoRepositoryError(RefusedError):
    project: Path


class NoCommitsError(RefusedError):
    """The repository has no commits, or none of them has the project."""

    root: Path


class MissingObjectsError(RefusedError):
    """A partial clone lacks objects, and its remotes did not send them."""

    count: int
    remotes: Sequence[str]


class InTheWayError(RefusedError):
    """Files that the update writes are not as they were committed."""

    obstacle: Obstacle
    paths: Sequence[str]


class UnwritableEncodingError(RefusedError):
    """A file of the template cannot be written in the encoding that the project asks for."""

    path: str
    encoding: str


class LostLineError(BrokenError):
    path: str
    line: str


class UpdateRunningError(RefusedError):
    root: Path


class UpdateInProgressError(RefusedError):
    """An earlier update has conflicts that the user has to resolve first."""

    message: str
    """Subject of its commit."""
    is_without_answers: bool = False
    """True if the project has lost its answers file."""


class NoUpdateError(RefusedError):
    """There is no update to continue or to abort."""

    recovery: Recovery | None = None
    """Recovery of the update, if it was interrupted."""


class OtherUpdateError(RefusedError):
    """The update in progress is that of another project, or of this one in another folder."""

    own: Path
    project: Path
    is_moved: bool


class BranchMovedError(RefusedError):
    """The branch has other commits than those that the update began from."""


class DamagedJournalError(RefusedError):
    folder: Path


class LostBackupsError(RefusedError):
    folder: Path


class ConflictsLeftError(CopperplateError):
    exit_code = ExitCode.CONFLICTS
    paths: Sequence[str]
    are_staged: bool
    """True if they are staged, but with conflict markers."""


class UpdateMissingError(RefusedError):
    """The staged or committed files do not have the update: an entry of the answers file is another one."""

    name: str
    found: object
    expected: object
    is_committed: bool


class ManyHeadsError(RefusedError):
    heads: Sequence[str]


class RevisionError(RefusedError):
    """A database revision that the update cannot place; `file` is its name."""

    file: str


class UnreadableRevisionError(RevisionError):
    fault: RevisionFault


class MissingRevisionError(RevisionError):
    """The project has no such database revision."""


class RevisionCircleError(RevisionError):
    """Database revisions follow each other in a circle; `file` is one of their ids."""


class SameRevisionError(RevisionError):
    """Two files have one revision id, or two revisions have one file name."""


class IntricateRevisionError(RevisionError):
    """The template's database revision is a merge, or has labels or dependencies."""


class IrreversibleRevisionError(RevisionError):
    pass


class RevisionNotMadeError(CopperplateError):
    """The database refuses a new revision, or the models do not import."""

    exit_code = ExitCode.FAILED


class RenamedWithRevisionsError(RevisionError):
    """The package gets another name, and database revisions change at once."""
