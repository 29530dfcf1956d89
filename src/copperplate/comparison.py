"""How the files of a project differ from a rendering of its template, or one rendering from another."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate import git
from copperplate.history import File

LOCK = "uv.lock"
"""Not rendered, but made by uv from what is; so it is never compared."""

LINK = 0o120000


@dataclass(frozen=True, slots=True)
class Differences:
    """Paths relative to the project's root, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.deleted)


def between(old: Mapping[str, File], new: Mapping[str, File]) -> Differences:
    return Differences(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(path for path in old.keys() & new.keys() if old[path] != new[path])),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def project_files(root: Path, rendered: Mapping[str, File]) -> dict[str, File]:
    """The project's files as they stand: those that git tracks, and whatever stands where the template puts a file.

    A file whose line ends are all others than the template's, because its user's git writes them so, is shown with
    those of the template.
    """
    tracked = git.tracked_files(root) or ()
    names: Iterable[str] = {*tracked, *rendered} - {LOCK}
    found = {name: file for name in names if (file := _file(root / name)) is not None}
    return {name: _in_line_ends_of(rendered.get(name), file) for name, file in found.items()}


def _file(path: Path) -> File | None:
    """None where there is none, or a folder (a submodule)."""
    if path.is_symlink():
        return File(LINK, os.fsencode(path.readlink()))
    if not path.is_file():
        return None
    return File(0o755 if path.stat().st_mode & 0o100 else 0o644, path.read_bytes())


def _in_line_ends_of(rendered: File | None, file: File) -> File:
    count = file.content.count(b"\r\n")
    if rendered is None or (count and count != file.content.count(b"\n")):
        return file
    plain = file.content.replace(b"\r\n", b"\n")
    if b"\r\n" not in rendered.content:
        return File(file.mode, plain)
    if b"\0" in file.content:
        return file
    if rendered.content.replace(b"\r\n", b"\n") == plain:
        return File(file.mode, rendered.content)
    is_crlf = rendered.content.count(b"\r\n") == rendered.content.count(b"\n")
    return File(file.mode, plain.replace(b"\n", b"\r\n")) if is_crlf else file
