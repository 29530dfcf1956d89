"""Journal: a record of every file before and after an update, written before the first file is changed.

The journal is the folder `copperplate` in the git folder of the work tree, with everything that is needed to undo. It
appears in one step before anything is changed, and is removed in one step when the update is finished or undone.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from copperplate.errors.updates import DamagedJournalError, UpdateRunningError
from copperplate.git.index import new_token
from copperplate.git.repository import Repository
from copperplate.system import disk, folders
from copperplate.update.work_tree import error_names

STAGE_BEFORE_0_8 = ".copperplate-landing"
"""Name of the stage in updates that a version before 0.8.0 began."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the work tree: its fingerprints before and after, or None if there is no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Record:
    state: Literal["landing", "applying", "conflicts", "reverting"]
    """State: `landing` has changed no file yet, `applying` has, and `reverting` was applied and is taken back."""

    prefix: str
    head: str
    """Commit before the update."""

    commit: str | None
    """Commit after the update; None while there are conflicts."""

    message: str
    version_before: str
    """Version of the template."""

    version: str

    label: str
    """Label of the template's side in a conflict."""

    steps: tuple[Step, ...] = ()
    folders: tuple[str, ...] = ()
    """Folders that are made, parents before children."""

    conflicts: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    """All paths whose entries in the index change; some of them are not checked out."""
    staged: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """Entries that the user had staged before. They are not part of the update's commit."""

    lock: str | None = None
    """Lock to start from, if the lock has to wait until conflicts are resolved."""

    stage: str | None = None
    """Stage, the folder in the project for files that are moved; None if a version before 0.8.0 began the update."""

    answers: dict[str, str | bool] = field(default_factory=dict)
    """Entries that the answers file must have when the update is finished: the version and the changed answers."""

    modes: dict[str, int] = field(default_factory=dict)
    """Permissions of the folders that the update may remove."""

    verb: str = "update"
    """Verb that began it, and that continues or cancels it, such as `resource change`."""

    shared: dict[str, str] = field(default_factory=dict)
    """See `Report.shared`."""


def dump(record: Record) -> bytes:
    return json.dumps(asdict(record), indent=1).encode()


def parse(raw: bytes) -> Record:
    fields = json.loads(raw)
    fields["steps"] = tuple(Step(**step) for step in fields["steps"])
    for name in ("folders", "conflicts", "indexed"):
        fields[name] = tuple(fields[name])
    fields["staged"] = {path: tuple(entry) if entry else None for path, entry in fields["staged"].items()}
    return Record(**fields)


_FOLDER = "copperplate"
_FILE = "journal.json"
_TOKEN = "token"  # noqa: S105 - the name of a file
_BEFORE = "before"


class Journal:
    """Journal on the disk, which one process at a time owns."""

    def __init__(self, folder: Path, record: Record, descriptor: int | None) -> None:
        self.folder = folder
        self.record = record
        self._descriptor = descriptor

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def token(self) -> Path:
        """Return the path of the token, the content of git's index lock while this update holds it."""
        return self.folder / _TOKEN

    def backup(self, number: int) -> Path:
        """Return the path of the backup of a step's file, by the number of the step."""
        return self.folder / _BEFORE / str(number)

    def update(self, **changes: object) -> None:
        """Record a new state."""
        self.record = replace(self.record, **changes)  # type: ignore[arg-type]  # the fields of `Record`
        disk.write(self.folder / _FILE, dump(self.record))

    def discard(self) -> None:
        """Remove the journal: the update is finished or undone."""
        gone = self.folder.with_name(f"{_FOLDER}.old")
        try:
            disk.remove_tree(gone)
            self.folder.replace(gone)
            disk.flush([gone.parent])
            disk.remove_tree(gone)
        finally:
            self.release()

    def release(self) -> None:
        """Give up the ownership: the next run may take over."""
        folders.release(self._descriptor)
        self._descriptor = None


@contextmanager
def exclusive(repository: Repository) -> Iterator[None]:
    """Lock this work tree against other updates, before it is read; refused while another update is running.

    Programs that an update starts do not inherit this lock. So a test that survives a kill does not block the next run.
    """
    try:
        descriptor = folders.lock(repository.git_dir, inherited=False)
    except BlockingIOError:
        raise _busy(repository.git_dir) from None
    try:
        yield
    finally:
        folders.release(descriptor)


def waiting(git_dir: Path) -> Record | None:
    """Return the record of the unfinished update. Only reads."""
    folder = git_dir / _FOLDER
    try:
        return _read(folder)
    except FileNotFoundError:
        return None


def reopen(repository: Repository) -> Journal | None:
    """Open the journal of an unfinished update; refused while another process owns it."""
    base = repository.git_dir
    for left in (base / f"{_FOLDER}.new", base / f"{_FOLDER}.old"):
        _sweep(left)
    folder = base / _FOLDER
    try:
        record = _read(folder)
    except FileNotFoundError:
        return None
    return Journal(folder, record, _owned(folder))


def create(repository: Repository, record: Record) -> Journal:
    """Write the journal. Its backups are hard links to the files, which need no time and no space.

    Files that do not change are copied instead: a program that writes into one would also change a hard link.
    """
    folder = repository.git_dir / f"{_FOLDER}.new"
    try:
        folder.mkdir()
    except FileExistsError:
        raise _busy(repository.git_dir) from None
    descriptor = _owned(folder)
    try:
        (folder / _BEFORE).mkdir()
        for number, step in enumerate(record.steps):
            if step.before is not None:
                keep = disk.link if step.before != step.after else disk.copy
                with error_names(repository.root / step.path):
                    keep(repository.root / step.path, folder / _BEFORE / str(number))
        if repository.index.exists():
            disk.copy(repository.index, folder / "index")
        disk.write(folder / _TOKEN, new_token())
        disk.write(folder / _FILE, dump(record))
        disk.flush([*(folder / _BEFORE).iterdir(), folder / "index", folder / _BEFORE, folder])
        final = folder.with_name(_FOLDER)
        folder.replace(final)
        disk.flush([final.parent])
    except BaseException:
        with suppress(OSError):
            disk.remove_tree(folder)
        folders.release(descriptor)
        raise
    return Journal(final, record, descriptor)


def _read(folder: Path) -> Record:
    try:
        return parse((folder / _FILE).read_bytes())
    except FileNotFoundError:
        if folder.is_dir():
            raise _lost(folder, f"{_FILE} is gone") from None
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _lost(folder, f"{_FILE} is damaged") from error


def _lost(folder: Path, how: str) -> DamagedJournalError:
    return DamagedJournalError(
        f"the record of the unfinished update is damaged: in {folder}, {how}",
        "git status shows what it has changed, and `git restore --source=HEAD --staged --worktree FILE` takes a file "
        "back; then remove that folder",
        folder=folder,
    )


def _owned(folder: Path) -> int | None:
    try:
        return folders.lock(folder)
    except BlockingIOError:
        raise _busy(folder.parent) from None


def _busy(git_dir: Path) -> UpdateRunningError:
    root = git_dir.parent
    what = f"another update is running in {root}"
    return UpdateRunningError(what, "wait until it has ended, then try again", root=root)


def _sweep(folder: Path) -> None:
    if folder.exists():
        descriptor = _owned(folder)
        disk.remove_tree(folder)
        folders.release(descriptor)
