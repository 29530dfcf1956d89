"""The account that PostgreSQL runs as: it refuses root, which CI jobs and containers often are; then it is `nobody`."""

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
    """The account to switch to, or none: stay who we are."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def open_to_all(folder: Path) -> bool:
    """Whether anyone may pass through this folder and all above it; a home often has mode 0700."""
    folder = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def copy_for_all(programs: Path, into: Path) -> Path:
    """The folder of programs again, with what they load, below a folder that anyone can reach."""
    package = programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")  # where a wheel keeps the shared libraries that it brings
    for source in filter(Path.is_dir, (programs.parent, libraries)):
        target = into / source.relative_to(package.parent)
        shutil.copytree(source, target, symlinks=True, ignore=_unneeded, copy_function=_link_or_copy)
    for folder, _, _ in into.walk():
        folder.chmod(0o755)
    return into / programs.relative_to(package.parent)


def _link_or_copy(source: str, target: str) -> None:
    """There are a thousand files, and a link costs next to nothing.

    A copy is for what others may not use as its owner may, and stays closed to them there; and for other file systems.
    """
    mode = Path(source).stat().st_mode
    if not (mode >> 6) & ~mode & 0o5:
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)
    Path(target).chmod(0o755)


def _unneeded(folder: str, names: list[str]) -> list[str]:
    """Clients, and what one compiles extensions with: half of it all."""
    if Path(folder).name == "bin":
        return [name for name in names if name not in POSTGRES_PROGRAMS]
    return [name for name in names if name == "include" or name.endswith(".a")]
