"""Folders: temporary folders, cache folders, and locks on folders that a running process holds.

A signal leaves no temporary folder behind. The next run removes those of killed runs.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.system import disk, signals

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

held_locks: set[int] = set()
"""Descriptors of all locks. Child programs inherit them, so a lock ends with the last process that may write."""


def lock(folder: Path, *, inherited: bool = True) -> int | None:
    """Lock `folder` while this process runs; if `inherited`, also while a program that it starts runs.

    Raises `BlockingIOError` if another process has locked it. Returns None where locks do not exist, as on Windows and
    some network file systems. There, no folder counts as abandoned, and other processes are not stopped.
    """
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise
        return None
    if inherited:
        held_locks.add(descriptor)
    return descriptor


def release(descriptor: int | None) -> None:
    if descriptor is None or fcntl is None:
        return
    held_locks.discard(descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # after `close` alone, programs that inherited the lock would keep it
    os.close(descriptor)


def stands(descriptor: int, folder: Path) -> bool:
    """True if the locked folder is still at its path."""
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False


_PREFIX = "copperplate-run-"
_PRIVATE = 0o700
KEPT = ".copperplate-kept"
"""Name of a file in a temporary folder which the user asked to keep."""


@contextmanager
def writing() -> Iterator[None]:
    """Raise an error with a hint if temporary files cannot be written."""
    try:
        yield
    except OSError as error:
        what = f"temporary files cannot be written: {error.strerror or error}"
        raise RefusedError(what, "make room, or name another folder for them in TMPDIR, and try again") from error


@contextmanager
def temporary(inside: Path | None = None) -> Iterator[Path]:
    """Make an empty folder, with a path without links. It is removed on exit, unless it contains `KEPT`."""
    if inside is None:
        sweep()
    remove = None
    try:
        with signals.deferred(), writing():  # a signal while it is made would leave it behind
            made, descriptor = _made(inside)
            remove = signals.at_the_latest(partial(_remove, made, descriptor))
        yield made
    finally:
        if remove is not None:
            remove()


def _remove(made: Path, descriptor: int | None) -> None:
    if not (made / KEPT).exists():
        disk.remove_tree(made)
    release(descriptor)


def sweep() -> None:
    """Remove folders of runs that have ended, with all programs that they started: their locks are free."""
    try:
        with signals.deferred():  # Python tests a temporary folder with a file, which a signal would leave behind
            place = Path(tempfile.gettempdir())
    except FileNotFoundError:  # no temporary folder can be written; the first use of one reports that
        return
    for left in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if not _is_ours(left) or (left / KEPT).exists() or (descriptor := lock(left)) is None:
                continue
            try:
                disk.remove_tree(left)
            finally:
                release(descriptor)


def _is_ours(folder: Path) -> bool:
    """True if its name and permissions are those of `mkdtemp`, so that no user has made it by hand."""
    found = folder.lstat()
    made = re.fullmatch(r"[a-z0-9_]{8}", folder.name.removeprefix(_PREFIX)) and stat.S_IMODE(found.st_mode) == _PRIVATE
    return bool(made) and stat.S_ISDIR(found.st_mode)


def _made(inside: Path | None) -> tuple[Path, int | None]:
    """Make and lock a folder. Another run may remove it before it is locked; then make another one."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=inside)).resolve()
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = lock(made)
            if descriptor is None or stands(descriptor, made):
                return made, descriptor
            release(descriptor)


def cache(part: str) -> Path:
    """Return the folder for one kind of entries; it may not exist yet."""
    if named := os.environ.get("COPPERPLATE_CACHE_DIR"):
        return Path(named).absolute() / part
    from platformdirs import user_cache_path  # noqa: PLC0415 - most verbs need no cache

    try:
        return user_cache_path("copperplate", appauthor=False) / part
    except RuntimeError:  # the user has no home, so nothing can be kept: reads and writes here raise `OSError`
        return Path(os.devnull) / part


def prune(files: list[Path], *, keep: int) -> None:
    """Remove all of `files` except those that were used last."""
    by_use = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
    for old in by_use[keep:]:
        old.unlink(missing_ok=True)
