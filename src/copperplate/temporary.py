"""A folder for what is not needed afterwards, which no signal can leave behind."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copperplate import interrupts
from copperplate.errors import RefusedError


@contextmanager
def writing() -> Iterator[None]:
    """Tells what to do where temporary files cannot be written."""
    try:
        yield
    except OSError as error:
        what = f"temporary files cannot be written: {error.strerror or error}"
        raise RefusedError(what, "make room, or name another folder for them in TMPDIR, and try again") from error


@contextmanager
def folder(inside: Path | None = None) -> Iterator[Path]:
    """An empty folder, its path without links, for as long as the context is open."""
    made = None
    try:
        with interrupts.held(), writing():  # a signal in the midst of making or removing it would leave it there
            made = tempfile.TemporaryDirectory(prefix="copperplate-", dir=inside)
        yield Path(made.name).resolve()
    finally:
        with interrupts.held():
            if made is not None:
                made.cleanup()
