"""The template's history as a git repository, made once and kept in the user's cache."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copperplate import cache, git, history

_ABANDONED_AFTER_SECONDS = 24 * 60 * 60
_MAKING = ".making-"


@contextmanager
def of_history() -> Iterator[Path]:
    """A bare repository with a tag for each release, there until the context is left at least."""
    stream = history.stream()
    kept = cache.folder("history") / f"{hashlib.sha256(stream).hexdigest()[:32]}.git"
    with suppress(OSError):
        if not kept.is_dir():
            _keep(kept, stream)
    if kept.is_dir():
        with suppress(OSError):
            os.utime(kept)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="copperplate-") as temporary:
        _make(Path(temporary), stream)
        yield Path(temporary)


def _make(folder: Path, stream: bytes) -> None:
    git.output("init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".", cwd=folder)
    git.output("fast-import", "--quiet", cwd=folder, stdin=stream)


def _keep(kept: Path, stream: bytes) -> None:
    """Put it in place in one step; of two that do so at once the second finds it there."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    _clear(kept.parent)
    making = Path(tempfile.mkdtemp(dir=kept.parent, prefix=_MAKING))
    try:
        _make(making, stream)
        making.rename(kept)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _clear(folder: Path) -> None:
    """Remove what other versions of this tool have left, and runs that were killed."""
    for other in folder.iterdir():
        if time.time() - other.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
