"""Journal: a record of every file before and after an update, written before the first of them is touched.

The folder `copperplate` appears in the git folder of the work tree with everything that is needed to undo, and is
removed in one step when the update is finished or undone. Before it appears nothing has been changed.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from copperplate.errors import RefusedError
from copperplate.git.index import new_token
from copperplate.git.repository import Repository
from copperplate.system import disk, folders
from copperplate.update.work_tree import error_names

STAGE_BEFORE_0_8 = ".copperplate-landing"
"""The stage of every update that a version before 0.8.0 began."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the work tree: its fingerprint before and after, or None where there is no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Record:
    state: Literal["landing", "applying", "conflicts", "reverting"]
    """`landing` has touched no file yet, `applying` has; `reverting` was applied to the end, and is taken back."""

    prefix: str
    head: str
    """The commit before."""

    commit: str | None
    """The commit after; None while conflicts are left."""

    message: str
    version_before: str
    """Of the template."""

    version: str

    label: str
    """How the template's side is named at a conflict."""

    steps: tuple[Step, ...] = ()
    folders: tuple[str, ...] = ()
    """Those that are made, a parent before its children."""

    conflicts: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    """All paths whose entries in the index change, which is more than files: some are not checked out."""
    staged: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """What the user had staged before: it is no part of the update's commit."""

    lock: str | None = None
    """What to make the lock from, where the project's conflicts have to be resolved first."""

    stage: str | None = None
    """The folder in the project where files wait that are moved; None if a version before 0.8.0 began the update."""

    answers: dict[str, str | bool] = field(default_factory=dict)
    """What the answers file has to say when the update is finished: the version, and the answers that change."""

    modes: dict[str, int] = field(default_factory=dict)
    """The permissions of the folders that the update may remove."""


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
    """Owned by one process at a time."""

    def __init__(self, folder: Path, record: Record, descriptor: int | None) -> None:
        self.folder = folder
        self.record = record
        self._descriptor = descriptor

    @property
    def index(self) -> Path:
        """The index as it was before."""
        return self.folder / "index"

    @property
    def token(self) -> Path:
        """What git's lock of the index holds while this update has it."""
        return self.folder / _TOKEN

    def backup(self, number: int) -> Path:
        """The file of the step of that number as it was before."""
        return self.folder / _BEFORE / str(number)

    def update(self, **changes: object) -> None:
        """Write down a new state."""
        self.record = replace(self.record, **changes)  # type: ignore[arg-type]  # the fields of `Record`
        disk.write(self.folder / _FILE, dump(self.record))

    def discard(self) -> None:
        """The update is finished or undone."""
        gone = self.folder.with_name(f"{_FOLDER}.old")
        try:
            disk.remove_tree(gone)
            disk.replace(self.folder, gone)
            disk.flush([gone.parent])
            disk.remove_tree(gone)
        finally:
            self.release()

    def release(self) -> None:
        """Whoever comes next takes over."""
        folders.release(self._descriptor)
        self._descriptor = None


@contextmanager
def exclusive(repository: Repository) -> Iterator[None]:
    """Keep other updates off this work tree from the first look at it; refused while another one is at work.

    The programs that an update runs do not hold this lock: those that a kill leaves behind, such as tests, do no harm.
    """
    try:
        descriptor = folders.lock(repository.git_dir, inherited=False)
    except BlockingIOError:
        raise _busy(repository.git_dir) from None
    try:
        yield
    finally:
        folders.release(descriptor)


def waiting(git_dir: Path) -> str | None:
    """What the update that is not finished is to be, such as "Add example"; nothing is taken over or put right."""
    folder = git_dir / _FOLDER
    try:
        return _read(folder).message
    except FileNotFoundError:
        return None


def reopen(repository: Repository) -> Journal | None:
    """The journal of an update that is not finished; refused while another process is at work on it."""
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
    """Write the journal; its backups are second names of the files, so they cost neither time nor space.

    But for those files that stay as they are: whoever wrote into one would write into its backup too.
    """
    folder = repository.git_dir / f"{_FOLDER}.new"
    try:
        disk.make_folder(folder)
    except FileExistsError:
        raise _busy(repository.git_dir) from None
    descriptor = _owned(folder)
    try:
        disk.make_folder(folder / _BEFORE)
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
        disk.replace(folder, final)
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


def _lost(folder: Path, how: str) -> RefusedError:
    return RefusedError(
        f"the record of the update that is not finished is lost: in {folder}, {how}",
        "git status shows what it has changed, and `git restore --source=HEAD --staged --worktree FILE` takes a file "
        "back; then remove that folder",
    )


def _owned(folder: Path) -> int | None:
    try:
        return folders.lock(folder)
    except BlockingIOError:
        raise _busy(folder.parent) from None


def _busy(git_dir: Path) -> RefusedError:
    return RefusedError(f"another update is at work in {git_dir.parent}", "wait until it has ended, then try again")


def _sweep(folder: Path) -> None:
    if folder.exists():
        descriptor = _owned(folder)
        disk.remove_tree(folder)
        folders.release(descriptor)
