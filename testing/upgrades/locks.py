"""Locks: their versions, and new locks with other versions."""

import tomllib
from collections.abc import Collection
from pathlib import Path

from packaging.utils import canonicalize_name

from copperplate import uv
from copperplate.errors import BrokenError
from testing.upgrades.survey import Change


def versions(lock: bytes) -> dict[str, str]:
    """Return the versions by name; several versions of one package, for different Pythons or systems, are joined."""
    found: dict[str, set[str]] = {}
    for package in tomllib.loads(lock.decode())["package"]:
        if "virtual" not in package["source"] and "editable" not in package["source"]:
            found.setdefault(canonicalize_name(package["name"]), set()).add(package["version"])
    return {name: " and ".join(sorted(several)) for name, several in found.items()}


def changes(before: bytes, after: bytes) -> dict[str, Change]:
    old, new = versions(before), versions(after)
    return {
        name: Change(old.get(name, ""), new.get(name, ""))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def upgraded(project: Path, lock: bytes, names: Collection[str] | None = None) -> bytes:
    """Return `lock` of `project` with the newest versions of everything, or of `names` and their dependencies."""
    chosen = ["--upgrade"] if names is None else [f"--upgrade-package={name}" for name in sorted(names)]
    return _locked(project, lock, *chosen)


def lowest(project: Path) -> bytes:
    """Return the lock of `project` by its own settings, without an earlier lock."""
    return _locked(project, None)


class NoVersionsError(BrokenError):
    """No versions of the dependencies fit together."""


def _locked(project: Path, lock: bytes | None, *arguments: str) -> bytes:
    file = project / "uv.lock"
    file.unlink(missing_ok=True)
    if lock is not None:
        file.write_bytes(lock)
    done = uv.run("lock", "--quiet", "--no-progress", *arguments, "--project", project, cwd=project)
    if done.code != 0:
        raise NoVersionsError(f"no versions fit together: {done.complaint}", f"what uv says:\n{done.stderr}")
    return file.read_bytes()
