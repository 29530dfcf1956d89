"""Folders: temporary ones, those of the cache, and locks of folders that a living process holds.

No signal leaves a temporary folder behind, and the next run removes those of killed runs.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.system import disk, signals

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

held_locks: set[int] = set()
"""The descriptors of all locks. Programs that are run inherit them, so that a lock ends with the last who may write."""


def lock(folder: Path, *, inherited: bool = True) -> int | None:
    """Lock `folder` for as long as this process lives, and each program that it starts while the lock is `inherited`.

    Raises `BlockingIOError` where another process has done so.

    None where there are no locks, as on Windows and on some network file systems: there nothing is ever known to be
    abandoned, and nobody is kept off.
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
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone would leave it to programs that have inherited it
    os.close(descriptor)


def stands(descriptor: int, folder: Path) -> bool:
    """Whether what was locked is still what is at that place."""
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False


_PREFIX = "copperplate-run-"
_PRIVATE = 0o700
KEPT = ".copperplate-kept"
"""A file of this name in one: the user asked to keep the folder."""


@contextmanager
def writing() -> Iterator[None]:
    """Tells what to do where temporary files cannot be written."""
    try:
        yield
    except OSError as error:
        what = f"temporary files cannot be written: {error.strerror or error}"
        raise RefusedError(what, "make room, or name another folder for them in TMPDIR, and try again") from error


@contextmanager
def temporary(inside: Path | None = None) -> Iterator[Path]:
    """An empty folder, its path without links, for as long as the context is open, or longer if `KEPT` is put there."""
    if inside is None:
        sweep()
    made = descriptor = None
    try:
        with signals.deferred(), writing():  # a signal in the midst of making or removing it would leave it there
            made, descriptor = _made(inside)
        yield made
    finally:
        with signals.deferred():
            if made is not None and not (made / KEPT).exists():
                disk.remove_tree(made)
            release(descriptor)


def sweep() -> None:
    """Remove what belongs to no living run, nor to a program that one has started: its lock ends with the last."""
    try:
        with signals.deferred():  # whether a folder will do is tried with a file, which a signal would leave there
            place = Path(tempfile.gettempdir())
    except FileNotFoundError:  # nowhere can be written, which is told to whoever needs to
        return
    for left in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if not _is_ours(left) or (left / KEPT).exists() or (descriptor := lock(left)) is None:
                continue
            try:
                shutil.rmtree(left, ignore_errors=True)
            finally:
                release(descriptor)


def _is_ours(folder: Path) -> bool:
    """Whether its name and its permissions are those that `mkdtemp` gives, so that nobody has made it by hand."""
    found = folder.lstat()
    made = re.fullmatch(r"[a-z0-9_]{8}", folder.name.removeprefix(_PREFIX)) and stat.S_IMODE(found.st_mode) == _PRIVATE
    return bool(made) and stat.S_ISDIR(found.st_mode)


def _made(inside: Path | None) -> tuple[Path, int | None]:
    """Another run may sweep the folder away before it is locked: then there has to be another."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=inside)).resolve()
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = lock(made)
            if descriptor is None or stands(descriptor, made):
                return made, descriptor
            release(descriptor)


_VARIABLE = "COPPERPLATE_CACHE_DIR"


def cache(part: str) -> Path:
    """The folder for one kind of things; it may not exist yet."""
    if named := os.environ.get(_VARIABLE):
        return Path(named).absolute() / part
    from platformdirs import user_cache_path  # noqa: PLC0415 - most verbs need no cache

    try:
        return user_cache_path("copperplate", appauthor=False) / part
    except (
        RuntimeError
    ):  # a user without a home, so nothing can be kept: whoever reads or writes here gets an `OSError`
        return Path(os.devnull) / part


def prune(files: list[Path], *, keep: int) -> None:
    """Remove all of `files` but those that were used last."""
    by_use = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
    for old in by_use[keep:]:
        old.unlink(missing_ok=True)
