"""Rollback: it restores every file, the index and the branch, bit for bit."""

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from copperplate.errors import CopperplateError, Recovery, RefusedError
from copperplate.errors.updates import BranchMovedError, LostBackupsError, UpdateInProgressError
from copperplate.git import commits, index
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry
from copperplate.system import disk, folders, signals
from copperplate.update import journal
from copperplate.update.journal import STAGE_BEFORE_0_8, Step
from copperplate.update.transaction import Transaction
from copperplate.update.work_tree import FOLDER, fingerprint, is_same

_NOTHING = {None, FOLDER}


def complete_backups(scratch: Scratch, transaction: Transaction) -> None:
    """Make missing backups again; refused, and nothing is changed, if their content cannot be found.

    A backup that differs from the old file is kept in another place. But after an interruption, another program may
    have written into the file, and that is restored.
    """
    is_applied = transaction.record.state in {"conflicts", "reverting"}
    lost = [
        (number, step)
        for number, step in enumerate(transaction.record.steps)
        if step.before is not None
        and (found := fingerprint(transaction.journal.backup(number))) != step.before
        and (is_applied or found in _NOTHING)
    ]
    if not lost and transaction.journal.index.exists():
        return
    try:
        committed = scratch.entries(f"{transaction.record.head}^{{tree}}")
        _complete_files(scratch, transaction, lost, {step.path: committed[step.path] for _, step in lost})
        if not transaction.journal.index.exists():
            _complete_index(scratch, transaction, {path: committed.get(path) for path in transaction.record.indexed})
    except (CopperplateError, KeyError) as error:
        raise LostBackupsError(
            f"backups of the update in {transaction.journal.folder} are gone, "
            f"and git does not have these files either: {error}",
            "copy them back into that folder, and run the same command again; nothing has been changed",
            folder=transaction.journal.folder,
        ) from error


def _complete_files(
    scratch: Scratch, transaction: Transaction, lost: list[tuple[int, Step]], committed: dict[str, Entry]
) -> None:
    stage, kept = transaction.stage, transaction.kept
    folder = scratch.path.with_name("committed")
    scratch.check_out(committed, folder)
    for number, step in lost:
        old = stage.old(number)
        source = old if fingerprint(old) == step.before else folder / step.path
        if source != old and not source.is_symlink() and not str(step.before).startswith("link "):
            source.chmod(int(str(step.before).partition(" ")[0], 8))
        backup = transaction.journal.backup(number)
        if fingerprint(backup) is not None:
            kept.keep(backup, step.path)
        backup.parent.mkdir(exist_ok=True)
        disk.copy(source, backup)


def _complete_index(scratch: Scratch, transaction: Transaction, committed: dict[str, Entry | None]) -> None:
    copy = index.private_copy(scratch, "lost.index")
    if not copy.exists():
        index.read_tree(scratch, copy, transaction.record.head)
    index.write_entries(scratch, copy, {path: {0: entry} if entry else {} for path, entry in committed.items()})
    disk.copy(copy, transaction.journal.index)


_TRIES = 100
"""Number of times that another program may write to a path just before it is restored."""


def restore(scratch: Scratch, transaction: Transaction, *, at_once: bool = False) -> Path | None:
    """Restore the old state. After an interruption, it can be repeated.

    Later changes in files of the update are moved to a folder, which is returned, or None. Refused if the branch has
    other commits; but not `at_once`, when an update has failed: then the other commit stays.
    """
    repository, record = scratch.repository, transaction.record
    head = repository.head()
    if head not in {record.head, record.commit} and not at_once:
        what = f"{repository.root} has got commits since the update began, so it cannot be taken back"
        hint = f"`git reset` undoes commits; the update began at {record.head[:12]}"
        raise BranchMovedError(what, hint)
    with signals.deferred():
        complete_backups(scratch, transaction)
        transaction.hold_index()
        if head == record.commit:  # first: if the branch is at the update's commit, the update is finished
            transaction.journal.update(state="reverting")
            commits.update_head(repository, record.head, head, "abort")
        restoring = _Restoring(transaction)
        restoring.run()
        _restore_index(scratch, transaction)
        restoring.stage.remove()
        kept = restoring.kept.publish(repository.git_dir)
        transaction.release_index()
        transaction.journal.discard()
    return kept


class _Restoring:
    """Restoration of the files of one update.

    If an update was interrupted or failed, a file that another program has put at a free path stays there, as if it had
    been written before or after the update. If the update had conflicts, every file that differs from the update's
    result is the user's work, and is moved to a folder.
    """

    def __init__(self, transaction: Transaction) -> None:
        self.stage = transaction.stage
        self.kept = transaction.kept
        self._journal = transaction.journal
        self._record = transaction.record
        self._tree = self.stage.tree
        # The stage is in the project and may have been removed. Then only the backups are left.
        self._is_cut_short = transaction.record.state == "applying" and self.stage.is_filled

    def run(self) -> None:
        if self._record.state == "landing":
            if self._record.stage is not None:
                return
            disk.remove_tree(self._tree.project / STAGE_BEFORE_0_8)
        self.stage.make()
        self.stage.finish_swaps()
        self._sort_out_taken()
        touched = [(number, step) for number, step in enumerate(self._record.steps) if self._is_touched(number, step)]
        for number, step in touched:
            self._clear(number, step)
        for folder in reversed(self._record.folders):
            if self._tree.fingerprint(folder) == FOLDER:
                disk.remove_folder(self._tree.path(folder))
        for number, step in touched:
            if step.before is not None:
                self._restore(number, step)
        for folder in self._record.modes:
            if not self._tree.obstacle(folder) and self._tree.fingerprint(folder) is None:
                self._tree.make_folders(folder, self._record.modes)
        disk.flush({self._tree.path(step.path).parent for _, step in touched})

    def _is_touched(self, number: int, step: Step) -> bool:
        if not self._is_cut_short:
            return True
        return self._is_ours(number, step) if step.before is None else os.path.lexists(self.stage.old(number))

    def _is_ours(self, number: int, step: Step) -> bool:
        """True if the file at the path is the one that the update has put there, perhaps with later changes."""
        now = self._tree.fingerprint(step.path)
        return now is not None and (now == step.after or is_same(self._tree.path(step.path), self.stage.new(number)))

    def _clear(self, number: int, step: Step) -> None:
        """Take away the update's file, or the user's later version of it."""
        now = self._tree.fingerprint(step.path)
        if now in {None, FOLDER, step.before} or (self._is_cut_short and not self._is_ours(number, step)):
            return
        if self._tree.take(step.path, self.stage.taken(number)):
            self._sort_out(number)

    def _sort_out_taken(self) -> None:
        """Sort files that an earlier, interrupted attempt has taken away."""
        for number in range(len(self._record.steps)):
            self._sort_out(number)

    def _sort_out(self, number: int) -> None:
        step, taken = self._record.steps[number], self.stage.taken(number)
        if fingerprint(taken) not in {None, step.before, step.after}:
            self.kept.keep(taken, step.path)
        else:
            taken.unlink(missing_ok=True)

    def _restore(self, number: int, step: Step) -> None:
        source = self._journal.backup(number)
        if self._is_cut_short and fingerprint(self.stage.old(number)) != step.before:
            source = self.stage.old(number)  # another program has written into it meanwhile
        for _ in range(_TRIES):
            now, obstacle = self._tree.fingerprint(step.path), self._tree.obstacle(step.path)
            if now == fingerprint(source):
                return
            if self._is_cut_short and (obstacle or now not in {None, FOLDER}):
                if source == self.stage.old(number):
                    self.kept.keep(source, step.path)
                return
            if obstacle or now is not None:
                self.kept.take(self._tree, obstacle or step.path)
            with suppress(FileExistsError):
                self._tree.make_folders(str(PurePosixPath(step.path).parent), self._record.modes)
                self._tree.put(source, step.path)
                return
        raise RefusedError(f"another program writes to {step.path} again and again", "end it, and try again")


def _restore_index(scratch: Scratch, transaction: Transaction) -> None:
    """Restore the old index, bit for bit; or, if the user has staged other files since, only the update's entries."""
    repository, record = scratch.repository, transaction.record
    if repository.index.exists() and repository.index.read_bytes() == transaction.journal.index.read_bytes():
        return
    paths = set(record.indexed)
    before = index.read(scratch, index.private_copy(scratch, "before.index", transaction.journal.index))
    copy = index.private_copy(scratch, "undo.index")
    new = transaction.journal.folder / "index.new"
    if not repository.index.exists() or _without(before.stages, paths) == _without(
        index.read(scratch, copy).stages, paths
    ):
        new.unlink(missing_ok=True)
        disk.link(transaction.journal.index, new)  # a copy would need space on a disk that may be full
    else:
        index.write_entries(scratch, copy, {path: before.stages.get(path, {}) for path in paths}, before.absent)
        disk.copy(copy, new)
    disk.flush([new])
    new.replace(repository.index)


def _without(entries: Mapping[str, index.Stages], paths: Collection[str]) -> dict[str, index.Stages]:
    return {path: stages for path, stages in entries.items() if path not in paths}


def recover(repository: Repository) -> Recovery | None:
    """Finish or take back an interrupted update, and return what was done; refused while there are conflicts."""
    folders.sweep()
    found = journal.reopen(repository)
    if found is None:
        return None
    transaction = Transaction(repository, found)
    done = None
    try:
        with signals.deferred():
            done = _finish_or_restore(transaction)
    except signals.Interrupted as interrupt:
        interrupt.done = done
        raise
    except OSError as error:
        cause = disk.refusal(error, repository.root, "and run the same command again")
        raise RefusedError(f"an interrupted update cannot be taken back: {cause.what}", cause.hint) from error
    finally:
        transaction.journal.release()
    return done


def _finish_or_restore(transaction: Transaction) -> Recovery:
    project = transaction.repository.root / transaction.record.prefix
    if transaction.is_complete:
        kept = transaction.release_leftovers()
        transaction.journal.discard()
        return Recovery(project, is_finished=True, kept=kept)
    if transaction.record.state == "conflicts":
        transaction.release_leftovers()
        raise UpdateInProgressError(
            f"an update of {project} is in progress: {transaction.record.message}",
            f"resolve its conflicts, then `copperplate {transaction.record.verb} --continue`; or take it back with "
            "--abort",
            message=transaction.record.message,
        )
    return Recovery(project, is_finished=False, kept=roll_back(transaction))


def roll_back(transaction: Transaction) -> Path | None:
    with folders.temporary() as folder:
        return restore(Scratch.make(folder / "scratch.git", transaction.repository), transaction)
