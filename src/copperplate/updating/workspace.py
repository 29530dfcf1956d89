"""A temporary folder for one update; those that runs left which were killed are removed by the next one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copperplate import interrupts, locking

_PREFIX = "copperplate-update-"

KEPT = "kept"
"""A file of this name in it: the user asked to keep the folder."""


@contextmanager
def workspace() -> Iterator[Path]:
    """An empty folder; it stays where a file `KEPT` is put into it."""
    sweep()
    folder = descriptor = None
    try:
        with interrupts.held():  # a signal in the midst of making or removing it would leave it there
            folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()
            descriptor = locking.lock(folder)
        yield folder
    finally:
        with interrupts.held():
            if folder is not None and not (folder / KEPT).exists():
                shutil.rmtree(folder, ignore_errors=True)
            if descriptor is not None:
                os.close(descriptor)


def sweep() -> None:
    """Remove what belongs to no living run: the lock of a process ends with it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ValueError):
            if (folder / KEPT).exists() or _alive(int(folder.name.removeprefix(_PREFIX).partition("-")[0])):
                continue
            if (descriptor := locking.lock(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)


def _alive(process: int) -> bool:
    """A run that has just made its folder has not locked it yet."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to somebody else
        return True
    return True
