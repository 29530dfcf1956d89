"""Folders for temporary files and for the cache.

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
from copperplate.system import disk, file_lock, signals

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
            file_lock.release(descriptor)


def sweep() -> None:
    """Remove what belongs to no living run, nor to a program that one has started: its lock ends with the last."""
    try:
        with signals.deferred():  # whether a folder will do is tried with a file, which a signal would leave there
            place = Path(tempfile.gettempdir())
    except FileNotFoundError:  # nowhere can be written, which is told to whoever needs to
        return
    for left in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if not _is_ours(left) or (left / KEPT).exists() or (descriptor := file_lock.lock(left)) is None:
                continue
            try:
                shutil.rmtree(left, ignore_errors=True)
            finally:
                file_lock.release(descriptor)


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
            descriptor = file_lock.lock(made)
            if descriptor is None or file_lock.stands(descriptor, made):
                return made, descriptor
            file_lock.release(descriptor)


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
