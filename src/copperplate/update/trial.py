"""Trial: a temporary checkout of a tree, in which uv makes the lock and the project's own checks run."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate import lockfile
from copperplate.git import commits
from copperplate.git.scratch import Scratch
from copperplate.git.trees import EXECUTABLE, PLAIN, Entry
from copperplate.progress import Progress
from copperplate.system.folders import KEPT

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


@dataclass(frozen=True, slots=True)
class Trial:
    folder: Path
    """The top of the work tree."""

    project: Path


def checkout(scratch: Scratch, head: str, tree: str) -> Trial:
    """Check out the whole repository with `tree` for the project. It can be called again.

    The whole repository, because a project may refer to its neighbours; as a work tree of `scratch`, because tools may
    run git.
    """
    scratch.repository.complete(head)
    folder = scratch.path.with_name("worktree")
    if not folder.exists():
        folder.mkdir()
        (folder / ".git").write_bytes(b"gitdir: " + os.fsencode(scratch.path) + b"\n")
        (scratch.path / "HEAD").write_text(f"{head}\n")
    scratch.check_out_all(commits.repository_tree(scratch, head, tree), folder)
    return Trial(folder, folder / scratch.repository.prefix)


def read_back(scratch: Scratch, found: Trial, paths: list[str]) -> dict[str, Entry | None]:
    """Store these files of the project as they are in the checkout now, and return them."""
    entries: dict[str, Entry | None] = {}
    for path in paths:
        file = found.project / path
        if file.is_file():
            mode = EXECUTABLE if file.stat().st_mode & 0o100 else PLAIN
            entries[path] = Entry(mode, scratch.store(file.read_bytes()))
        else:
            entries[path] = None
    return entries


def lock(scratch: Scratch, head: str, tree: str, start: str) -> str:
    """Lock the project in the checkout, starting from the lock `start`, and return the new lock."""
    return lockfile.lock(checkout(scratch, head, tree).project, start)


def verify(  # noqa: PLR0913 - where, what, and who shows it
    scratch: Scratch, head: str, tree: str, names: tuple[str, str], *, progress: Progress, keep: bool
) -> "tuple[VerifyResult, Path | None]":
    """Verify the project in the checkout; with `keep`, the checkout stays for the user and its path is returned.

    `names` are the names of its package and its command.
    """
    from copperplate.verify import Target, run_levels  # noqa: PLC0415 - only who asks for it pays for it

    there = checkout(scratch, head, tree)
    if keep:
        (there.folder.parent / KEPT).touch()
    result = run_levels(Target(there.project, *names), progress=progress)
    return result, there.folder if keep else None
