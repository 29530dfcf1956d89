"""A throw-away checkout of a tree: the lock is made there, and the project proves itself there."""

import os
from dataclasses import dataclass
from pathlib import Path

from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import EXECUTABLE, PLAIN, Entry


@dataclass(frozen=True, slots=True)
class Tryout:
    folder: Path
    """The top of the work tree."""

    project: Path


def opened(scratch: Scratch, head: str, tree: str) -> Tryout:
    """Check out what the repository would be with `tree` for the project; again, if it was opened before.

    All of it, for a project may refer to its neighbours; as a work tree of `scratch`, for tools may ask git.
    """
    scratch.repository.complete(head)
    folder = scratch.path.with_name("worktree")
    index = scratch.path / "index"
    if not folder.exists():
        folder.mkdir()
        (folder / ".git").write_bytes(b"gitdir: " + os.fsencode(scratch.path) + b"\n")
        (scratch.path / "HEAD").write_text(f"{head}\n")
    scratch.run("read-tree", whole(scratch, head, tree), index=index)
    scratch.run_at(folder, "checkout-index", "--all", "--force", "--quiet", index=index)
    return Tryout(folder, folder / scratch.repository.prefix)


def whole(scratch: Scratch, head: str, tree: str) -> str:
    """The tree of the whole repository, with `tree` for the project."""
    parts = scratch.repository.prefix.split("/")[:-1]
    while parts:
        name = os.fsencode(parts.pop())
        raw = scratch.run("ls-tree", "-z", f"{head}:{'/'.join(parts)}")
        lines = [line for line in raw.split(b"\0") if line and line.partition(b"\t")[2] != name]
        lines.append(f"040000 tree {tree}\t".encode() + name)
        tree = scratch.run("mktree", "-z", "--missing", stdin=b"\0".join(lines) + b"\0").decode().strip()
    return tree


def taken(scratch: Scratch, found: Tryout, paths: list[str]) -> dict[str, Entry | None]:
    """What has become of these files of the project there, stored."""
    entries: dict[str, Entry | None] = {}
    for path in paths:
        file = found.project / path
        if file.is_file():
            mode = EXECUTABLE if file.stat().st_mode & 0o100 else PLAIN
            entries[path] = Entry(mode, scratch.store(file.read_bytes()))
        else:
            entries[path] = None
    return entries
