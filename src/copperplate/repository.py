"""Bare git repositories in the user's cache: the template's own history, and templates of others."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copperplate import git, history
from copperplate.system import folders

_DAY = 24 * 60 * 60
_MAKING = ".making-"


@contextmanager
def of_history() -> Iterator[Path]:
    """One with a tag for each release, there until the context is left at least."""
    stream = history.stream()

    def fill(folder: Path) -> None:
        git.output("fast-import", "--quiet", cwd=folder, stdin=stream)

    with _kept("history", hashlib.sha256(stream).hexdigest(), fill, days=1) as folder:
        yield folder


@contextmanager
def of_template(url: str) -> Iterator[Path]:
    """The one for what has been fetched from `url`; empty the first time."""
    with _kept("templates", hashlib.sha256(url.encode()).hexdigest(), lambda _: None, days=90) as folder:
        yield folder


@contextmanager
def _kept(part: str, key: str, fill: Callable[[Path], None], *, days: int) -> Iterator[Path]:
    """In the cache until it has not been used for `days`; a temporary one where no cache can be written."""
    kept = folders.cache(part) / f"{key[:32]}.git"
    with suppress(OSError):
        if not kept.is_dir():
            _clear(kept.parent, days)
            _keep(kept, fill)
        os.utime(kept)
    if kept.is_dir():
        yield kept
        return
    with folders.temporary() as made:
        _make(made, fill)
        yield made


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    git.output("init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".", cwd=folder)
    fill(folder)


def _keep(kept: Path, fill: Callable[[Path], None]) -> None:
    """Put it in place in one step; of two that do so at once the second finds it there."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=kept.parent, prefix=_MAKING))
    try:
        _make(making, fill)
        making.rename(kept)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _clear(folder: Path, days: int) -> None:
    """Remove what has not been used for long, and what runs that were killed have left."""
    for other in folder.iterdir() if folder.is_dir() else ():
        if time.time() - other.stat().st_mtime > (1 if other.name.startswith(_MAKING) else days) * _DAY:
            shutil.rmtree(other, ignore_errors=True)
