"""Locks of folders, each held by a living process."""

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

held: set[int] = set()
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
        held.add(descriptor)
    return descriptor


def release(descriptor: int | None) -> None:
    if descriptor is None or fcntl is None:
        return
    held.discard(descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone would leave it to programs that have inherited it
    os.close(descriptor)


def stands(descriptor: int, folder: Path) -> bool:
    """Whether what was locked is still what is at that place."""
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False
