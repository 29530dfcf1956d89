"""Work tree: the user's files, replaced in such a way that nothing another program writes meanwhile is lost.

A file is never overwritten: the old one is moved into the stage, and the new one takes a place that is free. So what
another program has put there, at whatever moment, is either in the stage, where it is compared with what was expected,
or it stops the new file. No path is followed through a link, which could lead out of the project.
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
"""The fingerprint of one, whatever is in it."""


@dataclass(frozen=True, slots=True)
class WorkTree:
    """All names are paths from `root`, the top of the work tree."""

    root: Path
    project: Path
    """This folder and those above it stay, even if they become empty."""

    def path(self, name: str) -> Path:
        return self.root / name

    def fingerprint(self, name: str) -> str | None:
        """The identity of a file, to the bit; None where there is none that can be reached without a link."""
        return None if self.obstacle(name) else fingerprint(self.path(name))

    def obstacle(self, name: str) -> str | None:
        """The first of the folders above `name` that is a file or a link; None where each is a folder or missing."""
        return next((folder for folder in _above(name) if fingerprint(self.path(folder)) not in {FOLDER, None}), None)

    def take(self, name: str, target: Path) -> bool:
        """Move what is at `name` to `target`, which is on the same disk; False where nothing is there."""
        if self.obstacle(name):
            return False
        with error_names(self.path(name)):
            try:
                disk.move(self.path(name), target)
            except FileNotFoundError:
                return False
        return True

    def exchange(self, source: Path, name: str) -> bool:
        """Swap the files `source` and `name` in one step; False where the file system cannot."""
        with error_names(self.path(name)):
            self._refuse_obstacle(name)
            return disk.exchange(source, self.path(name))

    def put(self, source: Path, name: str) -> None:
        """Let the file `source` appear at `name` too; raises `FileExistsError` where something is there already."""
        with error_names(self.path(name)):
            self._refuse_obstacle(name)
            if fingerprint(source) == FOLDER:
                disk.make_folder(self.path(name))  # so that it is free
                disk.replace(source, self.path(name))
            else:
                disk.link(source, self.path(name))

    def make_folders(self, name: str, modes: Mapping[str, int]) -> None:
        """Make the folder `name` and those above it, as far as they are missing, with these permissions.

        Raises `FileExistsError` where one of them is a file or a link.
        """
        with error_names(self.path(name)):
            for folder in (*_above(name), name):
                path = self.path(folder)
                if fingerprint(path) != FOLDER:
                    disk.make_folder(path)
                    if folder in modes:
                        path.chmod(modes[folder])

    def remove_empty(self, name: str) -> None:
        """Remove the folder `name` with the folders in it, as far as there is no file in them."""
        for folder in reversed(list(self.folders_at(name))):
            disk.remove_folder(self.path(folder))

    def prune(self, name: str, needed: Collection[str]) -> None:
        """Remove the folders above `name` that have become empty, up to one that is needed."""
        for folder in reversed(_above(name)):
            path = self.path(folder)
            if folder in needed or path == self.project or not path.is_relative_to(self.project):
                return
            disk.remove_folder(path)

    def folders_at(self, name: str) -> list[str]:
        """The folder at `name` and all below it, each after the one that holds it; empty where there is none."""
        if self.fingerprint(name) != FOLDER:
            return []
        return [Path(folder).relative_to(self.root).as_posix() for folder, _, _ in os.walk(self.path(name))]

    def _refuse_obstacle(self, name: str) -> None:
        if obstacle := self.obstacle(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path(obstacle)))


def fingerprint(path: Path) -> str | None:
    """The permissions and the content of a file, or the target of a link; `FOLDER`, or None where nothing is."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            return FOLDER
        return f"link {path.readlink()}" if stat.S_ISLNK(mode) else f"{stat.S_IMODE(mode):o} {_content(path, mode)}"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:  # since it was looked at
        return FOLDER


def is_same(one: Path, other: Path) -> bool:
    """Whether both are names of one file; False where one of them does not exist."""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return False


def _content(path: Path, mode: int) -> str:
    if not stat.S_ISREG(mode):
        return "no regular file"  # to open a pipe would wait for its other end
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError:
        return "not readable"


def _above(name: str) -> list[str]:
    """The folders above `name`, from the top."""
    return [str(folder) for folder in reversed(list(PurePosixPath(name).parents)[:-1])]


@contextmanager
def error_names(path: Path) -> Iterator[None]:
    """Let an error of the disk name the user's file, and not the one of ours that is written for it."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
