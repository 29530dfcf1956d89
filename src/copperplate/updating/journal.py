"""What an update is about to do to the user's files, written down before the first of them is touched.

The folder `copperplate` appears in the git folder of the work tree with everything that is needed to undo, and goes
away in one step when the update is finished or undone. Before it appears nothing has been changed.
"""

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from copperplate import durable, locking
from copperplate.errors import BrokenError, RefusedError
from copperplate.updating.repository import Repository

_FOLDER = "copperplate"
_FILE = "journal.json"
_TOKEN = "token"  # noqa: S105 - the name of a file
_BEFORE = "before"
FOLDER = "folder"
"""The fingerprint of one: what is in it is not looked at."""
STAGE = ".copperplate-landing"
"""The folder in the project where new files wait to be put in place."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the work tree: what it is before and after, as `fingerprint` tells it; None where there is none."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Record:
    state: Literal["landing", "conflicts"]
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

    steps: tuple[Step, ...]
    folders: tuple[str, ...]
    """Those that are made, a parent before its children."""

    conflicts: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    """All paths whose entries in the index change, which is more than files: some are not checked out."""
    staged: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """What the user had staged before: it is no part of the update's commit."""

    lock: str | None = None
    """What to make the lock from, where the project's conflicts have to be resolved first."""


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

    def note(self, **changes: object) -> None:
        """Write down a new state."""
        self.record = replace(self.record, **changes)  # type: ignore[arg-type]  # the fields of `Record`
        durable.write(self.folder / _FILE, _written(self.record))

    def close(self) -> None:
        """The update is finished or undone."""
        gone = self.folder.with_name(f"{_FOLDER}.old")
        durable.remove_tree(gone)
        durable.replace(self.folder, gone)
        durable.flush([gone.parent])
        durable.remove_tree(gone)
        self.leave()

    def leave(self) -> None:
        """Whoever comes next takes over."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def opened(repository: Repository) -> Journal | None:
    """The journal of an update that is not finished; refused while another process is at work on it."""
    base = repository.git_dir
    for left in (base / f"{_FOLDER}.new", base / f"{_FOLDER}.old"):
        _sweep(left)
    folder = base / _FOLDER
    try:
        raw = (folder / _FILE).read_bytes()
    except FileNotFoundError:
        return None
    descriptor = _owned(folder)
    try:
        return Journal(folder, _read(raw), descriptor)
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenError(f"{folder / _FILE} is damaged: {error}", "compare with git stash list, git status") from error


def begun(repository: Repository, record: Record) -> Journal:
    """Write the journal; its backups are second names of the files, so they cost neither time nor space."""
    folder = repository.git_dir / f"{_FOLDER}.new"
    try:
        durable.make_folder(folder)
    except FileExistsError:
        raise _busy(repository.git_dir) from None
    descriptor = _owned(folder)
    try:
        durable.make_folder(folder / _BEFORE)
        for number, step in enumerate(record.steps):
            if step.before is not None:
                durable.link(repository.root / step.path, folder / _BEFORE / str(number))
        if repository.index.exists():
            durable.copy(repository.index, folder / "index")
        durable.write(folder / _TOKEN, f"copperplate {secrets.token_hex(16)}\n".encode())
        durable.write(folder / _FILE, _written(record))
        durable.flush([*(folder / _BEFORE).iterdir(), folder / "index", folder / _BEFORE, folder])
        final = folder.with_name(_FOLDER)
        durable.replace(folder, final)
        durable.flush([final.parent])
    except BaseException:
        with suppress(OSError):
            durable.remove_tree(folder)
        if descriptor is not None:
            os.close(descriptor)
        raise
    return Journal(final, record, descriptor)


def fingerprint(path: Path) -> str | None:
    """What a file is, to the bit; None where there is none."""
    try:
        if path.is_symlink():
            return f"link {path.readlink()}"
        mode = path.stat().st_mode & 0o777
        return f"{mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        return FOLDER


def _owned(folder: Path) -> int | None:
    descriptor = locking.lock(folder)
    if descriptor is None and locking.AVAILABLE:
        raise _busy(folder.parent)
    return descriptor


def _busy(git_dir: Path) -> RefusedError:
    return RefusedError(f"another update is at work in {git_dir.parent}", "wait until it has ended")


def _sweep(folder: Path) -> None:
    if folder.exists():
        descriptor = _owned(folder)
        durable.remove_tree(folder)
        if descriptor is not None:
            os.close(descriptor)


def _written(record: Record) -> bytes:
    return json.dumps(asdict(record), indent=1).encode()


def _read(raw: bytes) -> Record:
    fields = json.loads(raw)
    fields["steps"] = tuple(Step(**step) for step in fields["steps"])
    for name in ("folders", "conflicts", "indexed"):
        fields[name] = tuple(fields[name])
    fields["staged"] = {path: tuple(entry) if entry else None for path, entry in fields["staged"].items()}
    return Record(**fields)
