"""Comparison of the files of a project with a rendering of its template, as a list and as a patch."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate import git
from copperplate.git.trees import stream_commit, stream_file
from copperplate.lockfile import LOCK
from copperplate.system.disk import File, read_file

LINK = 0o120000
_MODES = {"100644": 0o644, "100755": 0o755, "120000": LINK}


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
    """Return the project's current files: those that git tracks, and those at paths of the template.

    A file that a sparse checkout leaves out of the work tree is read from the index, or it would look deleted.
    If all line ends of a file differ from the template's, because the user's git writes them in this way, the file is
    compared with the template's line ends.
    """
    tracked = set(git.tracked_files(root) or ())
    names: Iterable[str] = {*tracked, *rendered} - {LOCK}
    found = {name: file for name in names if (file := _file(root / name)) is not None}
    if tracked - found.keys():
        found |= _left_out(root, tracked - found.keys() - {LOCK})
    return {name: _in_line_ends_of(rendered.get(name), file) for name, file in found.items()}


def _left_out(root: Path, missing: Collection[str]) -> dict[str, File]:
    """Return the `missing` files that a sparse checkout leaves out."""
    staged = {path: entry for path, entry in git.left_out(root).items() if path in missing and entry[0] in _MODES}
    located = git.locate(root)
    if not staged or located is None:
        return {}
    if remotes := git.promisors(git.settings(root)):
        git.fetch_missing(located.git_dir, remotes, f"HEAD:{located.prefix.rstrip('/')}")
    contents = git.blobs(root, sorted({oid for _, oid in staged.values()}))
    return {path: File(_MODES[mode], contents[oid]) for path, (mode, oid) in staged.items()}


def _file(path: Path) -> File | None:
    """Return the file; None if there is none, or if it is a folder (a submodule)."""
    if path.is_symlink():
        return File(LINK, os.fsencode(path.readlink()))
    if not path.is_file():
        return None
    return read_file(path)


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


_REGULAR = 0o100000
_PERMISSIONS = 0o7777


class Patches:
    """Patches between two sets of files, made by git in the empty `folder`."""

    def __init__(self, folder: Path, before: Mapping[str, File], after: Mapping[str, File]) -> None:
        self._folder = folder
        git.init_bare(folder)
        same = {path for path, file in before.items() if after.get(path) == file}
        stream = b"".join(
            _commit(branch, {path: file for path, file in files.items() if path not in same})
            for branch, files in (("before", before), ("after", after))
        )
        git.import_stream(folder, stream, is_temporary=True)

    def shown(self, *options: str) -> bytes:
        return git.diff(self._folder, "before", "after", *options)


def _commit(branch: str, files: Mapping[str, File]) -> bytes:
    return stream_commit(branch, *(stream_file(path, _mode(file), file.content) for path, file in files.items()))


def _mode(file: File) -> int:
    return file.mode if file.mode > _PERMISSIONS else _REGULAR | file.mode
