"""Attributes of files in git (gitattributes(5)), and the merge drivers that they choose."""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from copperplate.git import index
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.git.trees import quoted

_DRIVER, _MARKER_SIZE = "merge", "conflict-marker-size"
_OF_GIT = {"set", "unset", "text", "binary", "union"}
_UNSPECIFIED = "unspecified"
_UNSET = {_UNSPECIFIED, "unset"}
_GLOB = re.compile(r"[*?\[\\]")


@dataclass(frozen=True, slots=True)
class Drivers:
    whole: frozenset[str]
    """Files that are not merged as text: if both sides change one, that is a conflict."""

    union: frozenset[str]
    """Files that never have a conflict: the lines of both sides stay."""


def apply_merge_drivers(scratch: Scratch, paths: Collection[str]) -> Drivers:
    """Make a merge in `scratch` obey the git attributes of these paths of the project.

    A driver that the user's settings define is a program, and Copperplate runs no program of the user's. Such a file is
    merged as a whole.
    """
    repository = scratch.repository
    found = {path: _driver(repository, driver) for path, driver in _of_project(scratch, _DRIVER, paths).items()}
    sizes = _of_project(scratch, _MARKER_SIZE, paths)
    lines = (
        b'"/%b" %b %b\n' % (_pattern(path), _written(_DRIVER, found[path]), _written(_MARKER_SIZE, sizes[path]))
        for path in paths
    )
    with (scratch.path / "info" / "attributes").open("ab") as file:
        file.write(b"\n" + b"".join(lines))
    return Drivers(
        whole=frozenset(path for path, driver in found.items() if driver in {"unset", "binary"}),
        union=frozenset(path for path, driver in found.items() if driver == "union"),
    )


def values(scratch: Scratch, attribute: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the value of an attribute for files, whose paths start at the top of the work tree."""
    asked = list(paths)
    if not asked:
        return {}
    names = b"".join(os.fsencode(path) + b"\0" for path in asked)
    copy = index.private_copy(scratch, "attributes.index")
    root = scratch.repository.root
    raw = scratch.run_at(root, "check-attr", "-z", "--stdin", attribute, index=copy, stdin=names)
    return {path: os.fsdecode(value) for path, value in zip(asked, raw.split(b"\0")[2::3], strict=True)}


def set_values(scratch: Scratch, attribute: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the attribute of those files that have a value for it."""
    return {path: value for path, value in values(scratch, attribute, paths).items() if value not in _UNSET}


def _of_project(scratch: Scratch, attribute: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the attribute of files of the project, by their paths in it."""
    prefix = scratch.repository.prefix
    found = values(scratch, attribute, (prefix + path for path in paths))
    return {path.removeprefix(prefix): value for path, value in found.items()}


def _driver(repository: Repository, value: str) -> str:
    """Return the driver that git would use, by git's name for it."""
    if value == _UNSPECIFIED:
        value = repository.settings.get("merge.default", value)
    if f"merge.{value}.driver" in repository.settings:
        return "unset"
    return value if value in {*_OF_GIT, _UNSPECIFIED} else "set"


def _written(attribute: str, value: str) -> bytes:
    name, content = attribute.encode(), os.fsencode(value)
    return {"set": name, "unset": b"-" + name, _UNSPECIFIED: b"!" + name}.get(value, name + b"=" + content)


def _pattern(path: str) -> bytes:
    return quoted(_GLOB.sub(r"\\\g<0>", path))
