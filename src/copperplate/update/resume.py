"""Resumption of an update: finish it after the user has resolved its conflicts, or take it back."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from copperplate import lockfile, project
from copperplate.errors.updates import (
    BranchMovedError,
    ConflictsLeftError,
    NoUpdateError,
    OtherUpdateError,
    UpdateMissingError,
)
from copperplate.git import commits, index
from copperplate.git.commits import Identity
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.git.trees import PLAIN, Difference, Entry
from copperplate.lockfile import LOCK, LockChange
from copperplate.progress import Progress, Steps
from copperplate.project import Project
from copperplate.questions.manifest import Value
from copperplate.system import disk, folders, signals
from copperplate.update import journal, merge, preflight, rollback
from copperplate.update.draft import check_out, verify_tree
from copperplate.update.result import AbortResult, Options, Report, State, UpdateResult
from copperplate.update.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Run:
    project: Project
    scratch: Scratch
    transaction: Transaction
    steps: Steps


def resume(root: Path, repository: Repository, *, options: Options, progress: Progress) -> UpdateResult:
    """Verify the user's resolution of the conflicts, and commit it."""
    folders.sweep()
    steps = Steps(progress)
    with journal.exclusive(repository), _waiting(repository) as transaction, folders.temporary() as folder:
        scratch = Scratch.make(folder / "scratch.git", repository)
        _refuse_left(scratch, transaction)
        run = _Run(preflight.load_project(root), scratch, transaction, steps)
        head = repository.head()
        result = _commit(run, options) if head == transaction.record.head else _accept(run, head, options)
        if result.state is State.RED:
            unstaged = index.edited(scratch, index.private_copy(scratch, "unstaged.index"))
            result = replace(result, unstaged=tuple(unstaged))
    return replace(result, resumed=True, steps=steps.done)


def abort(root: Path, repository: Repository) -> AbortResult:
    """Restore every file, the index and the branch to their state before the update."""
    folders.sweep()
    with journal.exclusive(repository), _begun(repository) as transaction:
        changed = tuple(step.path for step in transaction.record.steps if step.before != step.after)
        if repository.head() != transaction.record.commit and transaction.is_complete:
            transaction.release_leftovers()
            transaction.journal.discard()
            raise NoUpdateError(f"no update is in progress in {root}: it is complete", "to undo it: git revert")
        with signals.deferred():
            kept = rollback.roll_back(transaction)
            signals.settle()
    return AbortResult(root, changed, kept)


@contextmanager
def _begun(repository: Repository) -> Iterator[Transaction]:
    """Open the journal of the unfinished update; refused if there is none, or if it belongs to another project."""
    found = journal.reopen(repository)
    if found is None:
        with folders.temporary() as folder:
            preflight.refuse_unmerged(Scratch.make(folder / "scratch.git", repository))
        raise NoUpdateError(f"no update is in progress in {repository.project}", "to start one: copperplate update")
    transaction = Transaction(repository, found)
    try:
        own = repository.root / transaction.record.prefix
        if own != repository.project and not _has_moved(repository, transaction):
            what = f"the update in progress is that of {own}, not of {repository.project}"
            hint = f"copperplate {transaction.record.verb} --project {shlex.quote(str(own))} --continue, or --abort"
            raise OtherUpdateError(what, hint, own=own, project=repository.project, is_moved=False)
        yield transaction
    except OSError as error:
        raise disk.refusal(error, repository.root, "and run the same command again") from error
    finally:
        transaction.journal.release()


def _has_moved(repository: Repository, transaction: Transaction) -> bool:
    """True if this is the project of the update, in a folder that was moved meanwhile."""
    tree = repository.tree(transaction.record.head)
    return not (repository.root / transaction.record.prefix).exists() and tree is None


@contextmanager
def _waiting(repository: Repository) -> Iterator[Transaction]:
    """Open the journal of an update whose conflicts the user has resolved."""
    with _begun(repository) as transaction:
        own = repository.root / transaction.record.prefix
        if own != repository.project:
            what = f"the update was begun in {own}, and the project is in {repository.project} now"
            hint = f"move it back and continue, or take it back with `copperplate {transaction.record.verb} --abort`"
            raise OtherUpdateError(what, hint, own=own, project=repository.project, is_moved=True)
        if transaction.record.state == "conflicts":
            transaction.release_leftovers()
            yield transaction
            return
    done = rollback.recover(repository)
    raise NoUpdateError("there is no update to continue", "to start it again: copperplate update", recovery=done)


def _refuse_left(scratch: Scratch, transaction: Transaction) -> None:
    listing = index.read(scratch, index.private_copy(scratch, "resume.index"))
    cancel = f"or cancel the update with `copperplate {transaction.record.verb} --abort`"
    if left := listing.unmerged:
        what = f"conflicts are left: {preflight.listed(left, most=5)}"
        hint = f"edit each file, or git rm it, then git add it; {cancel}"
        raise ConflictsLeftError(what, hint, paths=left, are_staged=False)
    staged = {path: listing.stages[path][0] for path in transaction.record.conflicts if path in listing.stages}
    contents = scratch.files(staged, list(staged))
    label = transaction.record.label
    if left := sorted(path for path, content in contents.items() if merge.has_markers(content, label)):
        verb, them = ("has", "it") if len(left) == 1 else ("have", "them")
        what = f"{preflight.listed(left, most=5)} still {verb} conflict markers in what you have staged"
        hint = f"edit {them}, and git add {them} again; {cancel}"
        raise ConflictsLeftError(what, hint, paths=left, are_staged=True)


def _refuse_other(run: _Run, tree: str, *, is_committed: bool) -> None:
    """Refuse a tree without the update: its answers file has other entries."""
    content = run.scratch.files(run.scratch.entries(tree), [project.ANSWERS_FILE]).get(project.ANSWERS_FILE)
    found, expected = _answers(content), run.transaction.record.answers or {"_commit": run.transaction.record.version}
    wrong = _otherwise(found, expected)
    if not wrong:
        return
    name, value, wanted = wrong[0], found.get(wrong[0]), expected[wrong[0]]
    told = "its version" if name == "_commit" else name
    where = "in the commits since it began" if is_committed else "staged"
    what = f"the update is not {where}: {project.ANSWERS_FILE} there has {value!r} as {told}, not {wanted!r}"
    on_disk = _answers((run.project.root / project.ANSWERS_FILE).read_bytes())
    again = "git add the files of the update again" + (", and commit them" if is_committed else "")
    abort = f"`copperplate {run.transaction.record.verb} --abort`"
    back = f"cancel the update with {abort}"
    if is_committed:  # here, --abort would discard a commit of the user's
        began = run.transaction.record.head[:12]
        back = f"`git reset {began}` undoes your commits; {abort} then cancels the update"
    if _otherwise(on_disk, expected):
        again = "the files no longer have the update; if they are stashed: git stash pop"
    hint = f"{again}; or {back}"
    raise UpdateMissingError(what, hint, name=name, found=value, expected=wanted, is_committed=is_committed)


def _answers(content: bytes | None) -> dict[object, object]:
    said = project.recorded(content) if content is not None else None
    return said if isinstance(said, dict) else {}


def _otherwise(found: Mapping[object, object], expected: Mapping[str, Value]) -> list[str]:
    """Return the names of the answers that differ from the expected ones."""
    return [name for name, value in expected.items() if found.get(name) != value]


def _commit(run: _Run, options: Options) -> UpdateResult:
    scratch, transaction = run.scratch, run.transaction
    record = transaction.record
    tree = commits.staged_tree(scratch, record.head, record.staged)
    _refuse_other(run, tree, is_committed=False)
    entries = scratch.entries(tree)
    lock = _relock(run, tree, entries.get(LOCK)) if options.lock else None
    if lock is not None:
        entry = Entry(PLAIN, scratch.store(lock.encode()))
        tree = scratch.edited(tree, {LOCK: entry})
        preflight.check(scratch, [Difference(scratch.repository.prefix + LOCK, entries[LOCK], entry)])
    result = _verify(run, tree, options)
    if result.state is State.RED or options.dry_run:
        return result
    commit = commits.commit_tree(scratch, record.head, tree, record.message, Identity.of(run.project.answers))
    commits.copy_objects(scratch, commit, record.head)
    with signals.deferred():
        transaction.journal.update(commit=commit)
        if lock is not None:
            transaction.replace_file(scratch, scratch.repository.prefix + LOCK, lock.encode())
        commits.move_branch(scratch.repository, commit, record.head, record.message)
        signals.settle()
        run.transaction.journal.discard()
    return replace(result, commit=commit, unsigned=scratch.repository.signs)


def _accept(run: _Run, head: str, options: Options) -> UpdateResult:
    """Accept the user's own commit of the resolution as the commit of the update."""
    repository, record = run.scratch.repository, run.transaction.record
    tree = repository.tree(head)
    if tree is None or not repository.follows(head, record.head):
        what = f"{repository.root} has moved to a commit that the update did not begin from"
        raise BranchMovedError(what, f"git switch back to {record.head[:12]} or a commit after it")
    _refuse_other(run, tree, is_committed=True)
    result = _verify(run, tree, options)
    if result.state is State.LANDED and not options.dry_run:
        signals.settle()
        run.transaction.journal.discard()
    return replace(result, commit=head)


def _verify(run: _Run, tree: str, options: Options) -> UpdateResult:
    repository, record = run.scratch.repository, run.transaction.record
    told = Report(lock=_lock_changes(run, tree), shared=record.shared)
    result = UpdateResult(
        run.project.root, record.version_before, record.version, State.LANDED, record.message, told, verb=record.verb
    )
    if not options.verify:
        return result
    names, keep = (run.project.package_name, run.project.distribution_name), options.keep_worktree
    verified, kept = verify_tree(run.scratch, repository.head(), tree, names, progress=run.steps, keep=keep)
    return replace(result, verified=verified, state=State.LANDED if verified.passed else State.RED, worktree=kept)


def _relock(run: _Run, tree: str, entry: Entry | None) -> str | None:
    """Make the lock, if it had to wait for the conflicts and the user has not made it."""
    record, scratch = run.transaction.record, run.scratch
    before = scratch.repository.tree(record.head)
    if record.lock is None or entry is None or before is None or scratch.entries(before).get(LOCK) != entry:
        return None
    with run.steps.step("Lock"):
        return lockfile.lock(check_out(scratch, record.head, tree), record.lock)


def _lock_changes(run: _Run, tree: str) -> tuple[LockChange, ...]:
    """Return the changes of the lock by the whole update."""
    scratch = run.scratch
    before = scratch.entries(f"{run.transaction.record.head}:{scratch.repository.prefix.rstrip('/')}").get(LOCK)
    after = scratch.entries(tree).get(LOCK)
    if before is None or after is None or before == after:
        return ()
    return lockfile.changes(scratch.text(before), scratch.text(after))
