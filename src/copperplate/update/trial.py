"""Trial: a throw-away checkout of a tree, in which the lock is made and the project's own checks run."""

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
    """Check out what the repository would be with `tree` for the project; again, if it was opened before.

    All of it, for a project may refer to its neighbours; as a work tree of `scratch`, for tools may ask git.
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


def lock(scratch: Scratch, head: str, tree: str, start: str) -> str:
    """Lock the project in the throw-away checkout, starting from the lock `start`; the new lock."""
    return lockfile.lock(checkout(scratch, head, tree).project, start)


def verify(  # noqa: PLR0913 - where, what, and who shows it
    scratch: Scratch, head: str, tree: str, names: tuple[str, str], *, progress: Progress, keep: bool
) -> "tuple[VerifyResult, Path | None]":
    """Verify the project in the throw-away checkout; with `keep` that stays, and is returned, for the user to look at.

    `names` are those of its package and of its command.
    """
    from copperplate.verify import Target, run_levels  # noqa: PLC0415 - only who asks for it pays for it

    there = checkout(scratch, head, tree)
    if keep:
        (there.folder.parent / KEPT).touch()
    result = run_levels(Target(there.project, *names), progress=progress)
    return result, there.folder if keep else None
