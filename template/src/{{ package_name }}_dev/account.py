"""Account of PostgreSQL, which refuses to run as root. CI jobs and containers often do, so it then runs as `nobody`."""

import os
import pwd
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .binaries import POSTGRES_PROGRAMS


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def take_ownership(self, *paths: Path) -> None:
        for path in paths:
            os.chown(path, self.uid, self.gid)


def unprivileged() -> Account | None:
    """Return the account to switch to, or `None` to keep the current one."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def open_to_all(folder: Path) -> bool:
    """Check whether every account can pass through this folder and its parents; a home often has mode 0700."""
    folder = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def copy_for_all(programs: Path, into: Path) -> Path:
    """Copy the folder of programs, with the libraries that they load, into a folder that every account can reach."""
    package = programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")  # where a wheel has the shared libraries that it brings
    for source in filter(Path.is_dir, (programs.parent, libraries)):
        target = into / source.relative_to(package.parent)
        shutil.copytree(source, target, symlinks=True, ignore=_unneeded, copy_function=_link_or_copy)
    for folder, _, _ in into.walk():
        folder.chmod(0o755)
    return into / programs.relative_to(package.parent)


def _link_or_copy(source: str, target: str) -> None:
    """Link the file, as there are a thousand of them, and a link costs almost nothing.

    A file that others may not use as its owner may is copied, so that it stays closed to them at its own place. It is
    also copied to another file system.
    """
    mode = Path(source).stat().st_mode
    if not (mode >> 6) & ~mode & 0o5:
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)
    Path(target).chmod(0o755)


def _unneeded(folder: str, names: list[str]) -> list[str]:
    """Return the files that are not needed, half of all: clients, and files to compile extensions."""
    if Path(folder).name == "bin":
        return [name for name in names if name not in POSTGRES_PROGRAMS]
    return [name for name in names if name == "include" or name.endswith(".a")]
