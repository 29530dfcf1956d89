"""Lock file of a project, `uv.lock`. It is made from the project's and the template's versions, and never merged."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from copperplate import uv
from copperplate.errors import BrokenError

LOCK = "uv.lock"
"""Name of the lock file. uv makes it from the rendered files, so it is not rendered itself, and never compared."""
_BLOCK = "[[package]]\n"
_REQUIRES = re.compile(r"^requires-python = .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LockChange:
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class _Package:
    facts: dict[str, Any]
    block: str

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def version(self) -> Version:
        try:
            return Version(self.facts.get("version", "0"))
        except InvalidVersion:
            return Version("0")

    @property
    def is_project(self) -> bool:
        return bool({"editable", "virtual"} & self.facts.get("source", {}).keys())

    @property
    def is_from_index(self) -> bool:
        return "registry" in self.facts.get("source", {})


_Packages = dict[str, list[_Package]]
"""Packages by name; several for one name if platforms or Pythons need different versions."""


def compose(project: str, template: str, *, newer: bool) -> str:
    """Return the lock from which uv starts: the packages of both locks.

    A package in both locks gets the newer version with `newer`, otherwise the project's. With `newer`, the markers by
    which uv resolves separately are the template's too, as in a new project. uv keeps the versions that fit, and drops
    packages that are not needed.
    """
    head, ours = _parse(project)
    head_of_template, theirs = _parse(template)
    if newer and _pythons(head) == _pythons(head_of_template):
        head = head_of_template
    chosen = {name: _chosen(ours.get(name), theirs.get(name), newer=newer) for name in sorted({*ours, *theirs})}
    while dangling := {name for name in _dangling(chosen) if name in ours and chosen[name] is not ours[name]}:
        chosen |= {name: ours[name] for name in dangling}  # otherwise uv would refuse to read the lock
    return head + "\n".join(f"{package.block}\n" for packages in chosen.values() for package in packages)


def lock(folder: Path, start: str) -> str:
    """Lock the project in `folder`, starting from the lock `start`, and return the new lock."""
    made = _make(folder, start)
    if is_more_than_needed(made):  # uv has accepted the lock and not cleaned it
        made = _make(folder, _without_project(made))
    return made


def is_more_than_needed(lock: str) -> bool:
    """True if the lock has packages that the project does not need."""
    _, packages = _parse(lock)
    left = [package for found in packages.values() for package in found if package.is_project]
    reached = {package.name for package in left}
    while left:
        needed = {need["name"] for need in _needs(left.pop().facts)} - reached
        reached |= needed
        left += [package for name in needed for package in packages.get(name, ())]
    return not packages.keys() <= reached


def _without_project(lock: str) -> str:
    """Return only the versions of the lock, so that uv has to find out which packages are needed."""
    head, packages = _parse(lock)
    kept = (package for found in packages.values() for package in found if not package.is_project)
    return head + "\n".join(f"{package.block}\n" for package in kept)


def _make(folder: Path, start: str) -> str:
    file = folder / "uv.lock"
    file.write_text(start, encoding="utf-8")
    try:
        uv.lock(folder)
    except BrokenError as error:
        hint = "check the network and the dependencies, or pass --no-lock, and let `uv lock` do this later"
        raise BrokenError(error.what, hint) from error
    return file.read_text(encoding="utf-8")


def changes(before: str, after: str) -> tuple[LockChange, ...]:
    old, new = (_versions(_parse(lock)[1]) for lock in (before, after))
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return tuple(LockChange(name, old.get(name), new.get(name)) for name in names)


def _parse(lock: str) -> tuple[str, _Packages]:
    head, *blocks = lock.split(_BLOCK)
    packages: _Packages = {}
    try:
        for block in blocks:
            facts = tomllib.loads(re.sub(r"^\[package\.", "[", block, flags=re.MULTILINE))
            package = _Package(facts, f"{_BLOCK}{block.rstrip()}")
            packages.setdefault(package.name, []).append(package)
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise BrokenError(f"uv.lock cannot be read: {error}", "make it again: delete it, then uv lock") from error
    return head, packages


def _pythons(head: str) -> str | None:
    found = _REQUIRES.search(head)
    return found[0] if found else None


def _chosen(ours: list[_Package] | None, theirs: list[_Package] | None, *, newer: bool) -> list[_Package]:
    if ours is None or theirs is None:
        return ours or theirs or []
    if not newer or not all(package.is_from_index for package in (*ours, *theirs)):
        return ours
    return theirs if max(package.version for package in theirs) > max(package.version for package in ours) else ours


def _dangling(chosen: _Packages) -> set[str]:
    """Return the names of packages that others need in a version that the lock does not have."""
    known = {(name, package.facts.get("version")) for name, packages in chosen.items() for package in packages}
    needs = (need for packages in chosen.values() for package in packages for need in _needs(package.facts))
    return {need["name"] for need in needs if "version" in need and (need["name"], need["version"]) not in known}


def _needs(facts: dict[str, Any]) -> list[dict[str, Any]]:
    groups = (*facts.get("optional-dependencies", {}).values(), *facts.get("dev-dependencies", {}).values())
    return [*facts.get("dependencies", []), *(needed for group in groups for needed in group)]


def _versions(packages: _Packages) -> dict[str, str]:
    return {
        name: ", ".join(sorted(str(package.facts["version"]) for package in found if "version" in package.facts))
        for name, found in packages.items()
        if any(package.is_from_index for package in found)
    }


_ROOT = 'source = { editable = "." }'


def with_root_name(lock: str, distribution_name: str) -> str:
    """Return `lock` with its root package renamed, and with the packages in uv's order.

    If a project needs all packages of the template, on the same Pythons, uv changes nothing: it does not resolve, and
    it needs no network. Otherwise it keeps the versions and drops packages that are not needed.
    """
    head, *packages = lock.split(_BLOCK)
    renamed = [
        re.sub(r'name = "[^"]+"', f'name = "{distribution_name}"', package, count=1) if _ROOT in package else package
        for package in (package.rstrip("\n") for package in packages)
    ]
    by_name = sorted(renamed, key=lambda package: package.partition("\n")[0])  # the name is in the first line
    return head + "\n".join(f"{_BLOCK}{package}\n" for package in by_name)
