"""Destination of a new project: built elsewhere, moved into place in one step, and removed if anything fails.

If the folder does not exist yet, the project is built beside it and renamed. If it exists (empty, or a new repository),
it may be the current folder of a shell, or a mount point. So it stays, and the project is built inside it.
"""

import errno
import glob
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.errors.inputs import DestinationTakenError, UnusablePathError
from copperplate.git import query
from copperplate.git.run import has_git
from copperplate.project import ANSWERS_FILE
from copperplate.system import disk, folders, signals

_STAGE_INSIDE = ".copperplate-new"
_GIT_BEFORE = ".git-before"
_OCCUPIED = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR}
_ABANDONED_AFTER_SECONDS = 60


class Destination:
    """Destination whose folder `stage` is for building; `land()` moves its content into place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.exists = path.is_dir()
        self.in_fresh_repository = (path / ".git").is_dir()
        self.stage = path / _STAGE_INSIDE
        if not self.exists:
            self.stage = path.with_name(f".{path.name[:60]}.copperplate-{secrets.token_hex(4)}")
        self._made: list[Path] = []
        self._landed: list[str] = []
        self._lock: int | None = None

    def prepare(self) -> None:
        if self.exists:
            with suppress(BlockingIOError):
                self._lock = folders.lock(self.path)
            if self._lock is not None:  # the lock is ours, so no other run uses a stage that is here
                _clear(self.path)
                self.in_fresh_repository = (self.path / ".git").is_dir()
        else:
            _remove_abandoned(self.path)
        for folder in reversed((self.stage, *self.stage.parents)):
            if folder == self.stage or not folder.exists():
                folder.mkdir()  # never "exist_ok": the run that makes the stage owns the destination
                self._made.insert(0, folder)
        if not self.exists:
            self._lock = folders.lock(self.stage)
        if self.in_fresh_repository:
            shutil.copytree(self.path / ".git", self.stage / ".git", symlinks=True)

    def land(self) -> None:
        """Move the project to `path`; raises `RefusedError` if something else is there by now."""
        with signals.deferred():
            try:
                if self.exists:
                    self._move_in()
                else:
                    self.stage.rename(self.path)
                    self._landed = [self.path.name]
            except OSError as error:
                if error.errno in _OCCUPIED:
                    raise not_empty(self.path) from None
                raise

    def keep(self) -> None:
        """Keep the project, and remove what was needed to undo."""
        with signals.deferred():
            signals.settle()
            if self.exists:
                disk.remove_tree(self.stage)
            self._unlock()

    def undo(self) -> None:
        """Restore everything as it was before `prepare()`."""
        with signals.deferred():
            if self._landed:
                self._move_out()
            for folder in self._made:
                if folder == self.stage:
                    disk.remove_tree(folder)
                else:
                    disk.remove_folder(folder)
            self._unlock()

    def _move_in(self) -> None:
        expected = {_STAGE_INSIDE, ".git"} if self.in_fresh_repository else {_STAGE_INSIDE}
        if _names(self.path) != expected:
            raise not_empty(self.path)
        names = sorted(_names(self.stage))
        if self.in_fresh_repository:
            (self.path / ".git").rename(self.stage / _GIT_BEFORE)
        for name in names:
            self._landed.append(name)
            (self.stage / name).rename(self.path / name)

    def _move_out(self) -> None:
        if not self.exists:
            with suppress(OSError):
                self.path.rename(self.stage)
            return
        for name in (*self._landed, ".venv"):
            disk.remove(self.path / name)
        if self.in_fresh_repository:
            (self.stage / _GIT_BEFORE).rename(self.path / ".git")

    def _unlock(self) -> None:
        folders.release(self._lock)
        self._lock = None


@contextmanager
def opened(path: Path) -> Iterator[Destination]:
    """Open a prepared destination. It is undone if the body raises an exception, also for a signal."""
    destination = Destination(path)
    undo = signals.at_the_latest(destination.undo)
    try:
        with signals.deferred():
            try:
                destination.prepare()
            except FileExistsError:
                raise not_empty(path) from None
        yield destination
        destination.keep()
        signals.forget(undo)
    except BaseException:
        undo()
        raise


def checked(given: str) -> Path:
    """Return the absolute path of a destination that can be used; raises `RefusedError` for any other."""
    if not given or "\0" in given:
        raise RefusedError(f"the destination {given!r} is not a path", "name a folder, such as ./shop")
    path = Path(given)
    absolute = path.parent.resolve() / path.name if path.name not in {"", ".."} else path.resolve()
    if reason := _why_unusable(absolute):
        what = f"a project cannot be in {str(absolute)!r}: no virtual environment works below a path with {reason}"
        raise UnusablePathError(what, "name another folder", path=absolute)
    try:
        _refuse_occupied(absolute)
    except OSError as error:
        what = f"the destination {given!r} cannot be used: {error.strerror}"
        raise RefusedError(what, "name another folder") from None
    return absolute


def _why_unusable(path: Path) -> str | None:
    """Return the character that breaks virtual environments below this path, if there is one.

    The bytes are checked: in a locale that is not UTF-8, Python shows valid letters as surrogates.
    """
    try:
        text = os.fsencode(path).decode()
    except UnicodeDecodeError:
        return "bytes that are not UTF-8"
    unusable = (char for char in text if char == os.pathsep or char < " " or char == "\x7f")
    return next(map(repr, unusable), None)


def _refuse_occupied(path: Path) -> None:
    if path.is_symlink():
        raise RefusedError(f"{path} is a link", "name a folder that does not exist yet")
    if not path.exists():
        return
    if not path.is_dir():
        raise RefusedError(f"{path} is a file", "name a folder that does not exist yet")
    content = _names(path)
    content.discard(_STAGE_INSIDE)  # the stage of a killed run, or of a running one, which `prepare()` refuses
    if content == {".git"} and (path / ".git").is_dir() and not (has_git() and query.has_commits(path)):
        return
    if content:
        raise not_empty(path)


def not_empty(path: Path) -> DestinationTakenError:
    hint = "name a folder that does not exist yet, or an empty one"
    if (path / _STAGE_INSIDE).exists():
        hint = f"another run is working there, or was killed and left {_STAGE_INSIDE}: wait, or empty the folder"
    elif (path / ANSWERS_FILE).exists():
        hint = "there is already a project: `uv sync` in it installs it; for another project, name another folder"
    return DestinationTakenError(f"{path} exists and is not empty", hint, path=path)


def _clear(path: Path) -> None:
    """Remove the stage of a killed run from `path`, and restore the repository if it is in the stage."""
    stage = path / _STAGE_INSIDE
    if (stage / _GIT_BEFORE).exists() and not (path / ".git").exists():
        (stage / _GIT_BEFORE).rename(path / ".git")
    if not (stage / _GIT_BEFORE).exists():
        disk.remove(stage)


def _remove_abandoned(path: Path) -> None:
    """Remove folders of killed runs beside `path`: nobody holds their lock."""
    if not path.parent.is_dir():
        return
    for stage in path.parent.glob(f".{glob.escape(path.name[:60])}.copperplate-*"):
        with suppress(OSError):
            is_old = time.time() - stage.stat().st_mtime > _ABANDONED_AFTER_SECONDS
            if is_old and (lock := folders.lock(stage)) is not None:
                disk.remove(stage)
                folders.release(lock)


def _names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}
