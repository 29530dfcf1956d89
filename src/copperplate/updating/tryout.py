"""A throw-away checkout of a tree: the lock is made there, and the project proves itself there."""

import os
from dataclasses import dataclass
from pathlib import Path

from copperplate.git import commits
from copperplate.git.scratch import Scratch
from copperplate.git.trees import EXECUTABLE, PLAIN, Entry


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
    scratch.run("read-tree", commits.repository_tree(scratch, head, tree), index=index)
    scratch.run_at(folder, "checkout-index", "--all", "--force", "--quiet", index=index)
    return Tryout(folder, folder / scratch.repository.prefix)


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
