"""Preflight checks: an interrupted update is taken back first; files in the way, changed or staged, are refused."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from copperplate import project
from copperplate.errors import CopperplateError, Recovery, RefusedError
from copperplate.errors.updates import InTheWayError, Obstacle, UpdateInProgressError
from copperplate.git import index, query
from copperplate.git.index import Listing
from copperplate.git.repository import Repository
from copperplate.git.run import has_git
from copperplate.git.scratch import Scratch
from copperplate.git.trees import SUBMODULE, Difference, Entry
from copperplate.project import ANSWERS_FILE, Project
from copperplate.system import disk
from copperplate.system.signals import Interrupted
from copperplate.update import journal, rollback
from copperplate.update.journal import Record


def refuse_unmerged(scratch: Scratch) -> Listing:
    """Return the index; refused if it has conflicts, also if they are not from an update."""
    listing = index.read(scratch, index.private_copy(scratch, "guards.index"))
    hint = "resolve and commit them; `git restore --source=HEAD --staged --worktree FILE` restores a file"
    _refuse("unmerged", "conflicts are left", listing.unmerged, hint)
    return listing


def refuse_uncommitted_answers(scratch: Scratch) -> None:
    """Refuse if the recorded version or answers are not committed."""
    refuse_unmerged(scratch)
    repository = scratch.repository
    _, tree = repository.committed()
    committed = scratch.entries(tree) if tree else {}
    raw = scratch.files(committed, [project.ANSWERS_FILE]).get(project.ANSWERS_FILE)
    if raw is None:
        return
    found = project.recorded((repository.project / project.ANSWERS_FILE).read_bytes())
    if found != project.recorded(raw):
        hint = f"commit it; or take its changes back: git restore --staged --worktree {project.ANSWERS_FILE}"
        _refuse("uncommitted", "uncommitted changes are in the way", [project.ANSWERS_FILE], hint)


def check(scratch: Scratch, changes: Iterable[Difference]) -> Listing:
    """Refuse if a file of `changes` (from the top of the work tree) is not as it was committed.

    In the result, `absent` are those of `changes` that are not in the work tree, and are not written to it.
    """
    repository = scratch.repository
    listing = refuse_unmerged(scratch)
    changes = list(changes)
    written = [change for change in changes if change.before or change.after]
    _refuse_submodules(listing, written)
    _refuse_filters(scratch, written)
    staged = [change.path for change in changes if listing.stages.get(change.path, {}).get(0) != change.before]
    _refuse("staged", "staged changes are in the way", staged, "commit or unstage them: git restore --staged")
    absent = _absent(scratch, listing, changes)
    present = [change for change in changes if change.path not in absent]
    edited = _edited(scratch, listing, [change for change in present if change.before])
    for marked, mark in ((listing.absent, "skip-worktree"), (listing.assumed, "assume-unchanged")):
        if found := [path for path in edited if path in marked]:
            hint = f"git update-index --no-{mark} {found[0]}, then commit or restore it"
            _refuse("marked", f"changed files that are marked {mark} are in the way", found, hint)
    hint = "commit them, or put them aside: git stash"
    _refuse("uncommitted", "uncommitted changes are in the way", edited, hint)
    hint = "commit them, or move them out of the project; git status --ignored lists them"
    untracked = _untracked(repository.root, changes, present)
    _refuse("untracked", "files that git does not track are in the way", untracked, hint)
    return replace(listing, absent=absent)


def _absent(scratch: Scratch, listing: Listing, changes: list[Difference]) -> frozenset[str]:
    """Return the paths of `changes` that a sparse checkout leaves out, unless they are there nevertheless."""
    outside = index.outside_sparse_checkout(scratch, [change.path for change in changes if not change.before])
    left_out = (change.path for change in changes if change.path in listing.absent or change.path in outside)
    return frozenset(path for path in left_out if not os.path.lexists(scratch.repository.root / path))


def _refuse_submodules(listing: Listing, changes: list[Difference]) -> None:
    modules = {path for path, stages in listing.stages.items() if stages[0].mode == SUBMODULE}
    inside = [change.path for change in changes if modules & {change.path, *map(str, Path(change.path).parents)}]
    _refuse("submodule", "a git submodule is in the way", inside, "move it elsewhere; files in it are its own")


def _refuse_filters(scratch: Scratch, changes: list[Difference]) -> None:
    """Refuse files with a git filter: a program of the user's, without which they would be written wrongly."""
    found = list(index.set_attributes(scratch, "filter", [change.path for change in changes]))
    _refuse("filter", "a git filter is set for files of the template", found, "exempt them in .gitattributes")


def _edited(scratch: Scratch, listing: Listing, changes: list[Difference]) -> list[str]:
    """Return files that differ on the disk from their commit. Git itself decides this.

    First by contents alone, because of new time stamps and of marks that hide an edit. Then by the user's index,
    because of line ends that git ignores, for example after a new attribute.
    """
    if not changes:
        return []
    contents = scratch.path / "edited.index"
    contents.unlink(missing_ok=True)
    index.write_entries(scratch, contents, {change.path: {0: change.before} for change in changes if change.before})
    found = set(index.edited(scratch, contents))
    if doubtful := found - listing.absent - listing.assumed:
        doubtful -= set(index.edited(scratch, scratch.path / "guards.index"))
        found -= _of_other_line_ends(scratch, {change.path: change.before for change in changes}, doubtful)
    return sorted(found)


def _of_other_line_ends(scratch: Scratch, entries: Mapping[str, Entry | None], paths: Iterable[str]) -> set[str]:
    """Return those of `paths` that differ from their commit only in line ends."""
    committed = scratch.files({path: entry for path, entry in entries.items() if entry}, list(paths))
    root = scratch.repository.root
    return {path for path, content in committed.items() if _unix(content) == _unix((root / path).read_bytes())}


def _unix(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def _untracked(root: Path, changes: list[Difference], present: list[Difference]) -> list[str]:
    """Return untracked files at the paths of new files or their folders, except those that this update removes.

    Also at the path of a conflict about a file that does not exist: `git rm`, which resolves it, would remove them.
    """
    going = {change.path for change in changes if change.before and not change.after}
    found = set()
    for change in present:
        if not change.before and (change.after or _is_no_folder(root / change.path)):
            found.update(_at(root, change.path, going))
    for change in changes:  # a conflict restores a file that a sparse checkout has left out
        if change.after:
            parents = (str(folder) for folder in Path(change.path).parents)
            found.update(at for at in parents if at not in going and _is_no_folder(root / at))
    return sorted(found)


def _at(root: Path, path: str, going: set[str]) -> list[str]:
    """Return the files at or below `path`. Empty folders do not count: git replaces them too."""
    if not os.path.lexists(root / path):
        return []
    if (root / path).is_symlink() or not (root / path).is_dir():
        return [path]
    entries = (Path(folder, name) for folder, folders, names in os.walk(root / path) for name in (*folders, *names))
    below = [entry.relative_to(root).as_posix() for entry in entries if _is_no_folder(entry)]
    return [name for name in below if name not in going]


def _is_no_folder(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def listed(paths: Sequence[str], most: int = 3) -> str:
    """Return the first paths as text, and the number of the others."""
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return f"{', '.join(paths[:most])}{more}"


def _refuse(obstacle: Obstacle, what: str, paths: Sequence[str], hint: str) -> None:
    """Refuse if there are files of this kind."""
    if paths:
        raise InTheWayError(f"{what}: {listed(paths)}", hint, obstacle=obstacle, paths=paths)


def unfinished_update(root: Path) -> Record | None:
    """Return the record of the unfinished update; None if there is none."""
    located = query.locate(root) if has_git() and root.is_dir() else None
    return journal.waiting(located.git_dir) if located else None


def load_project(root: Path) -> Project:
    """Load the project at `root`. If its answers file has been deleted, the error names the unfinished update."""
    try:
        return project.load(root)
    except RefusedError:
        waiting = None if (root / ANSWERS_FILE).exists() else unfinished_update(root)
        if waiting is None:
            raise
        what = f"{root / ANSWERS_FILE} is gone, and an update is in progress: {waiting.message}"
        hint = f"git restore {ANSWERS_FILE}; or cancel the update with `copperplate {waiting.verb} --abort`"
        raise UpdateInProgressError(what, hint, message=waiting.message, is_without_answers=True) from None


Result = TypeVar("Result")


def run_exclusively(around: Repository, action: Callable[[], Result]) -> tuple[Result, Recovery | None]:
    """Return what `action` returns, and what was done about an earlier, interrupted update."""
    with journal.exclusive(around):
        done = rollback.recover(around)
        try:
            return action(), done
        except OSError as error:
            if not disk.is_reason(error):
                raise
            refused = disk.refusal(error, around.root, "and try again: nothing has been changed")
            refused.done = done
            raise refused from error
        except (CopperplateError, Interrupted) as error:
            error.done = done
            raise
