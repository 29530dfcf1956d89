"""Application of a merged tree to the user's work tree, index and branch. A failure leaves all three unchanged."""

import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from copperplate.errors import CopperplateError, RefusedError
from copperplate.git import commits, index
from copperplate.git.scratch import Scratch
from copperplate.git.trees import EXECUTABLE, REGULAR, Difference
from copperplate.system import disk, signals
from copperplate.update import preflight, rollback
from copperplate.update.journal import Record, Step, create
from copperplate.update.transaction import Stage, Transaction
from copperplate.update.work_tree import FOLDER, WorkTree, fingerprint


@dataclass(frozen=True, slots=True)
class Landing:
    """Everything that is applied. Paths start at the top of the work tree."""

    record: Record
    """Record of the update, without the steps, folders and permissions, which depend on the work tree."""
    changes: tuple[Difference, ...]
    """Files that change, and files with conflicts."""
    index: Mapping[str, index.Stages]
    """New entries of the index; none for a file that is removed."""
    absent: frozenset[str]
    """Files that a sparse checkout leaves out; they are not written."""


def land(scratch: Scratch, landing: Landing) -> Path | None:
    """Apply the update. A signal waits until the update is applied or taken back.

    Returns the folder with changes that other programs have made meanwhile to files of the update, or None. Raises
    `RefusedError`, and changes nothing, if something is in the way or the disk is full.
    """
    repository = scratch.repository
    changes = [change for change in landing.changes if change.path not in landing.absent]
    fresh = _fresh(scratch, changes)
    tree = WorkTree(repository.root, repository.project)
    steps = tuple(_step(tree, change, fresh) for change in changes)
    record = replace(
        landing.record,
        steps=steps,
        folders=_folders_to_make(repository.root, steps),
        stage=f".copperplate-{secrets.token_hex(8)}",
        modes=_modes(tree, steps),
    )
    with signals.deferred():
        try:
            oids = {entry.oid for stages in landing.index.values() for entry in stages.values()}
            commits.copy_objects(scratch, record.commit, record.head, otherwise=sorted(oids))
            return _land(scratch, landing, record, fresh)
        except OSError as error:
            raise _not_written(error, repository.root) from error


def _land(scratch: Scratch, landing: Landing, record: Record, fresh: Path) -> Path | None:
    repository = scratch.repository
    transaction = Transaction(repository, create(repository, record))
    try:
        transaction.hold_index()
        _refuse_changed_meanwhile(scratch, landing, record)
    except BaseException:
        transaction.release_index()
        transaction.journal.discard()
        raise
    stage = transaction.stage
    try:
        stage.fill(fresh)
        transaction.journal.update(state="applying")
        _place_files(stage)
        _replace_index(scratch, landing, transaction)
        touched = [repository.root / step.path for step in record.steps]
        disk.flush({*touched, *(path.parent for path in touched), repository.git_dir})
        stage.refuse_written()
        if record.commit is None:
            transaction.journal.update(state="conflicts")
        else:
            commits.move_branch(repository, record.commit, record.head, record.message)
    except BaseException as error:
        kept = _take_back(scratch, transaction)
        told = f"; other programs' changes to files of the update are saved in {kept}" if kept else ""
        if isinstance(error, OSError):
            raise _not_written(error, repository.root, told) from error
        if isinstance(error, CopperplateError):
            error.hint += told
        raise
    signals.settle()
    kept = transaction.release_leftovers()
    transaction.refresh_index(scratch, _settled(landing))
    with suppress(OSError):  # the next run removes it
        if record.commit is not None:
            transaction.journal.discard()
    transaction.journal.release()
    return kept


def _take_back(scratch: Scratch, transaction: Transaction) -> Path | None:
    disk.remove_tree(_fresh_folder(scratch))  # if the disk is full, the rollback needs this space
    try:
        return rollback.restore(scratch, transaction, at_once=True)
    except (OSError, RefusedError) as error:
        transaction.journal.release()
        root = scratch.repository.root
        cause = error if isinstance(error, RefusedError) else disk.refusal(error, root, "")
        raise RefusedError(
            f"the update could be neither finished nor taken back: {cause.what}",
            f"{cause.hint.partition(',')[0]}, then run `copperplate {transaction.record.verb} --abort`: it restores "
            "every file",
        ) from error


def _fresh_folder(scratch: Scratch) -> Path:
    return scratch.path.with_name("fresh")


def _not_written(error: OSError, root: Path, told: str = "") -> RefusedError:
    return disk.refusal(error, root, f"and try again: nothing has been changed{told}")


def _place_files(stage: Stage) -> None:
    tree, record = stage.tree, stage.record
    needed = {str(folder) for step in record.steps if step.after for folder in PurePosixPath(step.path).parents}
    for number, step in enumerate(record.steps):
        if step.before and (not step.after or step.path in record.folders):
            stage.take(number)
            tree.prune(step.path, needed)
    for folder in record.folders:
        stage.make_folder(folder)
    for number, step in enumerate(record.steps):
        if step.after and step.after != step.before:
            if step.before and step.path not in record.folders:
                stage.swap(number)
            else:
                tree.remove_empty(step.path)
                stage.put(number)


def _fresh(scratch: Scratch, changes: Iterable[Difference]) -> Path:
    """Make a folder with the new files, checked out as the user's git would, but with their old permissions."""
    folder = _fresh_folder(scratch)
    folder.mkdir()
    scratch.check_out({change.path: change.after for change in changes if change.after}, folder)
    for change in changes:
        if change.before and change.after and {change.before.mode, change.after.mode} <= REGULAR:
            _keep_permissions(scratch.repository.root / change.path, folder / change.path, change)
    return folder


def _keep_permissions(old: Path, new: Path, change: Difference) -> None:
    """Change only the executable bit, and only if the template changes it."""
    with suppress(FileNotFoundError):  # left out by a sparse checkout
        mode = stat.S_IMODE(old.lstat().st_mode)
        if change.before and change.after and change.before.mode != change.after.mode:
            readers = (mode & 0o444) >> 2
            mode = mode | readers if change.after.mode == EXECUTABLE else mode & ~0o111
        new.chmod(mode)


def _step(tree: WorkTree, change: Difference, fresh: Path) -> Step:
    return Step(
        change.path,
        before=tree.fingerprint(change.path) if change.before else None,
        after=fingerprint(fresh / change.path) if change.after else None,
    )


def _folders_to_make(root: Path, steps: Iterable[Step]) -> tuple[str, ...]:
    """Return folders that are missing, or whose path a removed file has; parents before children."""
    gone = {step.path for step in steps if step.before}
    folders = {str(folder) for step in steps if step.after for folder in PurePosixPath(step.path).parents}
    return tuple(sorted(folder for folder in folders if not (root / folder).is_dir() or folder in gone))


def _modes(tree: WorkTree, steps: Iterable[Step]) -> dict[str, int]:
    """Return the permissions of folders that may be removed: above removed files, or empty and at a new file's path."""
    above = {str(folder) for step in steps if not step.after for folder in PurePosixPath(step.path).parents[:-1]}
    empty = {folder for step in steps if step.after and not step.before for folder in tree.folders_at(step.path)}
    folders = sorted(above | empty)
    return {name: stat.S_IMODE(tree.path(name).stat().st_mode) for name in folders if tree.path(name).is_dir()}


def _refuse_changed_meanwhile(scratch: Scratch, landing: Landing, record: Record) -> None:
    """Repeat the preflight checks: the project's checks took minutes, and a file may have changed meanwhile."""
    repository = scratch.repository
    tree = WorkTree(repository.root, repository.project)
    if repository.head() != record.head:
        raise commits.moved_branch(repository)
    preflight.check(scratch, landing.changes)
    for step in record.steps:
        found = tree.fingerprint(step.path)
        if found != step.before and not (found == FOLDER and step.before is None):
            what, hint = f"{step.path} has been changed meanwhile", "commit it, and run the same command again"
            raise RefusedError(what, hint)


def _replace_index(scratch: Scratch, landing: Landing, transaction: Transaction) -> None:
    copy = index.private_copy(scratch, "landing.index")
    index.write_entries(scratch, copy, landing.index, landing.absent)
    index.refresh(scratch, copy, _settled(landing))
    transaction.replace_index(copy)


def _settled(landing: Landing) -> list[str]:
    """Return the written files without a conflict."""
    return [path for path, stages in landing.index.items() if set(stages) == {0} and path not in landing.absent]
