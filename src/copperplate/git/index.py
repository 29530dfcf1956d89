"""Index of the user's repository: read and changed in a copy, and replaced in one step; and attributes of its files.

The attributes (gitattributes(5)) decide how git merges a file, and which of the programs of the user convert it.
"""

import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors.updates import GitBusyError
from copperplate.git.repository import Repository
from copperplate.git.run import output, with_settings
from copperplate.git.scratch import Scratch
from copperplate.git.trees import (
    PLAIN,
    Entry,
    index_info,
    joined,
    parse_differences,
    parse_entries,
    parse_paths,
    quoted,
)
from copperplate.system import disk

Stages = Mapping[int, Entry]
"""Entries of one path by stage: 0, or in a conflict 1 (old template), 2 (project) and 3 (new template)."""


_OURS = 0o600


@dataclass(frozen=True, slots=True)
class Listing:
    stages: dict[str, dict[int, Entry]]
    absent: frozenset[str]
    """Paths that are marked "skip-worktree", as a sparse checkout marks those that it leaves out."""
    assumed: frozenset[str] = frozenset()
    """Paths that are marked "assume-unchanged"."""

    @property
    def unmerged(self) -> list[str]:
        return sorted(path for path, stages in self.stages.items() if set(stages) != {0})


def hold(repository: Repository, token: Path) -> None:
    """Lock the index against other git processes; refused while one of them uses it."""
    lock = _lock_of(repository)
    if not token.exists():  # somebody has deleted the lock
        disk.write(token, lock.read_bytes() if _is(lock, token) else new_token())
    try:
        disk.link(token, lock)
    except FileExistsError:
        if not _is(lock, token):
            what = f"{lock} exists: another git process is running in {repository.root}"
            hint = "wait until it has ended; if none is running, remove the file"
            raise GitBusyError(what, hint, lock=lock) from None


def release(repository: Repository, token: Path) -> None:
    lock = _lock_of(repository)
    if _is(lock, token):
        lock.unlink(missing_ok=True)


def _lock_of(repository: Repository) -> Path:
    return repository.index.with_name(repository.index.name + ".lock")


def _is(lock: Path, token: Path) -> bool:
    """True if this update holds the lock. If its token is gone: if any update does, because there is only one."""
    if not lock.is_file():
        return False
    content = lock.read_bytes()
    return content == token.read_bytes() if token.exists() else content.startswith(TOKEN)


def private_copy(scratch: Scratch, name: str, source: Path | None = None) -> Path:
    """Return a copy of the user's index (or of another one), to read and change."""
    repository, index = scratch.repository, scratch.path / name
    # With `core.splitIndex`, git looks for the shared index beside HEAD.
    for shared in repository.git_dir.glob("sharedindex.*"):
        shutil.copy2(shared, scratch.path / shared.name)
    source = source or repository.index
    if source.exists():
        shutil.copy2(source, index)
        index.chmod(_OURS)  # git replaces a read-only index, so this does too
    return index


def read_tree(scratch: Scratch, index: Path, revision: str) -> None:
    """Fill an index with the entries of a commit or a tree."""
    scratch.run("read-tree", revision, index=index)


def read(scratch: Scratch, index: Path) -> Listing:
    stages: dict[str, dict[int, Entry]] = {}
    absent, assumed = set(), set()
    for path, (tag, mode, oid, stage) in parse_entries(scratch.run("ls-files", "-z", "-s", "-v", index=index)):
        stages.setdefault(path, {})[int(stage)] = Entry(mode, oid)
        if tag.upper() == "S":
            absent.add(path)
        if tag.islower():
            assumed.add(path)
    return Listing(stages, frozenset(absent), frozenset(assumed))


def staged(scratch: Scratch, head: str) -> dict[str, tuple[str, str] | None]:
    """Return what the user has staged: the entries of the index that differ from the commit in mode or id."""
    copy = private_copy(scratch, "staged.index")
    raw = scratch.run("diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", head, index=copy)
    return {each.path: (each.after.mode, each.after.oid) if each.after else None for each in parse_differences(raw)}


def edited(scratch: Scratch, index: Path) -> list[str]:
    """Return files of the project that git reports as modified or deleted, compared with this index.

    Git compares the contents of a file only if its time, size or owner differs from that in the index.
    """
    repository = scratch.repository
    plain = ("--name-only", "-z", "--no-ext-diff", "--no-renames", "--ignore-submodules")
    return parse_paths(scratch.run_at(repository.root, "diff", *plain, "--", repository.prefix or ".", index=index))


def write_entries(scratch: Scratch, index: Path, entries: Mapping[str, Stages], absent: Iterable[str] = ()) -> None:
    """Replace the entries of these paths, in all stages; mark those of `absent` "skip-worktree"; other marks stay."""
    marked = read(scratch, index)
    lines = index_info(dict.fromkeys(entries), scratch.repository.oid_width)
    for path, stages in entries.items():
        for stage, entry in stages.items():
            lines += f"{entry.mode} {entry.oid} {stage}\t".encode() + os.fsencode(path) + b"\0"
    whole = ("-c", "core.splitIndex=false")
    # At the files themselves: git marks entries anew that are too young to be told by their times from an edited file.
    scratch.run_at(scratch.repository.root, *whole, "update-index", "-z", "--index-info", stdin=lines, index=index)
    for mark, paths in (("--skip-worktree", {*absent, *marked.absent}), ("--assume-unchanged", marked.assumed)):
        if names := joined(path for path in paths if 0 in entries.get(path, {})):
            arguments = ("update-index", "-z", mark, "--stdin")
            scratch.run_at(scratch.repository.root, *whole, *arguments, stdin=names, index=index)


def refresh(scratch: Scratch, index: Path, paths: Iterable[str]) -> None:
    """Record the current files in the index, so that git need not compare them again."""
    skipped = read(scratch, index).absent  # git does not refresh marked files
    if names := joined(path for path in paths if path not in skipped):
        arguments = ("add", "--refresh", "--pathspec-from-file=-", "--pathspec-file-nul")
        scratch.run_at(scratch.repository.root, *arguments, index=index, stdin=names)


_PATTERNS = "info/sparse-checkout"
_ON = {"true", "yes", "on", "1"}


def outside_sparse_checkout(scratch: Scratch, paths: Collection[str]) -> frozenset[str]:
    """Return those of `paths`, from the top of the work tree, that the user's sparse checkout excludes.

    Git itself decides: it checks out empty files of these names in a temporary folder.
    """
    repository = scratch.repository
    patterns = repository.git_dir / _PATTERNS
    is_sparse = repository.settings.get("core.sparsecheckout", "false").lower() in _ON
    if not paths or not is_sparse or not patterns.is_file():
        return frozenset()
    shutil.copyfile(patterns, scratch.path / _PATTERNS)
    folder, index = scratch.path.with_name("sparse"), scratch.path / "sparse.index"
    folder.mkdir(exist_ok=True)
    empty = Entry(PLAIN, scratch.store(b""))
    scratch.write_index(index, dict.fromkeys(paths, empty))
    tree = scratch.run("write-tree", index=index).decode().strip()
    index.unlink()
    cone = f"core.sparseCheckoutCone={repository.settings.get('core.sparsecheckoutcone', 'true')}"
    settings = with_settings("core.sparseCheckout=true", cone, "index.sparse=false")
    variables = {"GIT_DIR": str(scratch.path), "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)}
    output(*settings, "read-tree", "-m", "-u", tree, cwd=folder, variables=variables)
    listed = parse_paths(scratch.run("ls-files", "-z", "-t", index=index))
    index.unlink()
    shutil.rmtree(folder)
    return frozenset(line.removeprefix("S ") for line in listed if line.startswith("S "))


TOKEN = b"copperplate "
"""Start of the token of each update. The token is the content of git's index lock while an update holds the lock."""


def new_token() -> bytes:
    return TOKEN + f"{secrets.token_hex(16)}\n".encode()


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
    values = attribute_values(scratch, _DRIVER, paths, repository.prefix)
    found = {path: _driver(repository, value) for path, value in values.items()}
    sizes = attribute_values(scratch, _MARKER_SIZE, paths, repository.prefix)
    with (scratch.path / "info" / "attributes").open("ab") as file:
        file.write(b"\n")
        for path in paths:
            attributes = _attribute(_DRIVER, found[path]), _attribute(_MARKER_SIZE, sizes[path])
            file.write(b'"/%b" %b %b\n' % (quoted(_GLOB.sub(r"\\\g<0>", path)), *attributes))
    return Drivers(
        whole=frozenset(path for path, driver in found.items() if driver in {"unset", "binary"}),
        union=frozenset(path for path, driver in found.items() if driver == "union"),
    )


def attribute_values(scratch: Scratch, attribute: str, paths: Iterable[str], prefix: str = "") -> dict[str, str]:
    """Return the value of an attribute for files; `prefix` leads to their paths from the top of the work tree."""
    asked = list(paths)
    if not asked:
        return {}
    copy = private_copy(scratch, "attributes.index")
    root, names = scratch.repository.root, joined(prefix + path for path in asked)
    raw = scratch.run_at(root, "check-attr", "-z", "--stdin", attribute, index=copy, stdin=names)
    return dict(zip(asked, parse_paths(raw)[2::3], strict=True))


def set_attributes(scratch: Scratch, attribute: str, paths: Iterable[str], prefix: str = "") -> dict[str, str]:
    """Return the attribute of those files that have a value for it."""
    values = attribute_values(scratch, attribute, paths, prefix)
    return {path: value for path, value in values.items() if value not in _UNSET}


def _driver(repository: Repository, value: str) -> str:
    """Return the driver that git would use, by git's name for it."""
    if value == _UNSPECIFIED:
        value = repository.settings.get("merge.default", value)
    if f"merge.{value}.driver" in repository.settings:
        return "unset"
    return value if value in {*_OF_GIT, _UNSPECIFIED} else "set"


def _attribute(attribute: str, value: str) -> bytes:
    name, content = attribute.encode(), os.fsencode(value)
    return {"set": name, "unset": b"-" + name, _UNSPECIFIED: b"!" + name}.get(value, name + b"=" + content)
