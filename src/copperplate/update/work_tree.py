"""Work tree: the user's files. They are replaced without losing what another program writes meanwhile.

A file is never overwritten: the old file is moved into the stage, and the new one goes to the free path. A file that
another program writes at any moment is then either in the stage, where it is compared with the expected file, or it is
at the path and stops the new file. No link is followed, because it could lead out of the project.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from copperplate.system import disk

FOLDER = "folder"
"""Fingerprint of a folder, with any content."""


@dataclass(frozen=True, slots=True)
class WorkTree:
    """Work tree with the top `root`; all names are paths below it."""

    root: Path
    project: Path
    """Folder that stays, with those above it, also if it becomes empty."""

    def path(self, name: str) -> Path:
        return self.root / name

    def fingerprint(self, name: str) -> str | None:
        """Return the identity of a file, to the bit; None if there is no file without a link on its path."""
        return None if self.obstacle(name) else fingerprint(self.path(name))

    def obstacle(self, name: str) -> str | None:
        """Return the first of the folders above `name` that is a file or a link; None if there is none."""
        return next((folder for folder in _above(name) if fingerprint(self.path(folder)) not in {FOLDER, None}), None)

    def take(self, name: str, target: Path) -> bool:
        """Move the file at `name` to `target`, on the same disk; False if there is none."""
        if self.obstacle(name):
            return False
        with error_names(self.path(name)):
            try:
                disk.move(self.path(name), target)
            except FileNotFoundError:
                return False
        return True

    def exchange(self, source: Path, name: str) -> bool:
        """Swap the files `source` and `name` in one step; False if the file system cannot."""
        with error_names(self.path(name)):
            self._refuse_obstacle(name)
            return disk.exchange(source, self.path(name))

    def put(self, source: Path, name: str) -> None:
        """Make the file `source` appear at `name` too; raises `FileExistsError` if something is already there."""
        with error_names(self.path(name)):
            self._refuse_obstacle(name)
            if fingerprint(source) == FOLDER:
                self.path(name).mkdir()  # to free the path
                source.replace(self.path(name))
            else:
                disk.link(source, self.path(name))

    def make_folders(self, name: str, modes: Mapping[str, int]) -> None:
        """Make the folder and those above it, with these permissions; raises `FileExistsError` for a file or a link."""
        with error_names(self.path(name)):
            for folder in (*_above(name), name):
                path = self.path(folder)
                if fingerprint(path) != FOLDER:
                    path.mkdir()
                    if folder in modes:
                        path.chmod(modes[folder])

    def remove_empty(self, name: str) -> None:
        """Remove the folder `name` and the folders in it that contain no file."""
        for folder in reversed(list(self.folders_at(name))):
            disk.remove_folder(self.path(folder))

    def prune(self, name: str, needed: Collection[str]) -> None:
        """Remove empty folders above `name`, up to one that is needed."""
        for folder in reversed(_above(name)):
            path = self.path(folder)
            if folder in needed or path == self.project or not path.is_relative_to(self.project):
                return
            disk.remove_folder(path)

    def folders_at(self, name: str) -> list[str]:
        """Return the folder at `name` and all folders below it, parents first; empty if there is none."""
        if self.fingerprint(name) != FOLDER:
            return []
        return [Path(folder).relative_to(self.root).as_posix() for folder, _, _ in os.walk(self.path(name))]

    def _refuse_obstacle(self, name: str) -> None:
        if obstacle := self.obstacle(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path(obstacle)))


def fingerprint(path: Path) -> str | None:
    """Return the fingerprint of a file: its permissions and content, or the target of a link; `FOLDER`; or None."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            return FOLDER
        return f"link {path.readlink()}" if stat.S_ISLNK(mode) else f"{stat.S_IMODE(mode):o} {_content(path, mode)}"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:  # it was removed meanwhile
        return FOLDER


def is_same(one: Path, other: Path) -> bool:
    """True if both are names of one file; False if one of them does not exist."""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return False


def _content(path: Path, mode: int) -> str:
    if not stat.S_ISREG(mode):
        return "no regular file"  # to open a pipe would block
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError:
        return "not readable"


def _above(name: str) -> list[str]:
    """Return the folders above `name`, from the top."""
    return [str(folder) for folder in reversed(list(PurePosixPath(name).parents)[:-1])]


@contextmanager
def error_names(path: Path) -> Iterator[None]:
    """Make an error of the disk name the user's file, and not the temporary file that is written for it."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
