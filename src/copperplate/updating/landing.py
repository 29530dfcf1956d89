"""Puts a merged tree into the user's work tree, index and branch, or leaves all three as they were."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from copperplate import durable, interrupts
from copperplate.errors import RefusedError
from copperplate.updating import committing, guards, index, undo
from copperplate.updating.journal import Journal, begun
from copperplate.updating.record import FOLDER, STAGE, Record, Step, fingerprint
from copperplate.updating.repository import Repository
from copperplate.updating.scratch import Scratch, index_info
from copperplate.updating.tree import Difference, Entry


@dataclass(frozen=True, slots=True)
class Landing:
    """All paths are from the top of the work tree."""

    head: str
    commit: str | None
    message: str
    version_before: str
    version: str
    label: str
    changes: tuple[Difference, ...]
    """Files that become others, and those that have conflicts."""

    index: Mapping[str, index.Stages]
    """The index's new entries; none where the file goes."""

    absent: frozenset[str]
    """Files that a sparse checkout leaves out, and so does this."""

    staged: Mapping[str, Entry | None]
    """What the user has staged, none of it a file of the update."""

    lock: str | None = None


def land(scratch: Scratch, landing: Landing) -> None:
    """Raises `RefusedError`, and leaves everything as it was, where something is in the way or the disk is full."""
    repository = scratch.repository
    changes = [change for change in landing.changes if change.path not in landing.absent]
    fresh = _fresh(scratch, changes)
    steps = tuple(_step(repository.root, change, fresh) for change in changes)
    record = Record(
        state="landing",
        prefix=repository.prefix,
        head=landing.head,
        commit=landing.commit,
        message=landing.message,
        version_before=landing.version_before,
        version=landing.version,
        label=landing.label,
        steps=steps,
        folders=_folders_to_make(repository.root, steps),
        empty_folders=_empty_folders(repository.root, steps),
        conflicts=tuple(path for path, stages in landing.index.items() if set(stages) - {0}),
        indexed=tuple(landing.index),
        staged={path: (entry.mode, entry.oid) if entry else None for path, entry in landing.staged.items()},
        lock=landing.lock,
    )
    with interrupts.held():
        try:
            oids = {entry.oid for stages in landing.index.values() for entry in stages.values()}
            committing.give(scratch, landing.commit, landing.head, otherwise=sorted(oids))
            _land(scratch, landing, record, fresh)
        except OSError as error:
            what = f"{error.filename or repository.root} cannot be written: {error.strerror or error}"
            raise RefusedError(what, "make room, and try again: nothing has been changed") from error


def _land(scratch: Scratch, landing: Landing, record: Record, fresh: Path) -> None:
    repository = scratch.repository
    written = begun(repository, record)
    try:
        index.hold(repository, written.token)
        _refuse_changed_meanwhile(scratch, landing, record)
    except BaseException:
        index.release(repository, written.token)
        written.close()
        raise
    try:
        _place_files(repository, record, fresh)
        _replace_index(scratch, landing, written)
        touched = [repository.root / step.path for step in record.steps]
        durable.flush({*touched, *(path.parent for path in touched), repository.git_dir})
        if landing.commit is None:
            written.note(state="conflicts")
        else:
            committing.move_branch(repository, landing.commit, landing.head, landing.message)
    except BaseException:
        _take_back(scratch, written)
        raise
    with suppress(OSError):  # it has landed: what is left to tidy up the next run does
        index.release(repository, written.token)
        if landing.commit is not None:
            written.close()
    written.leave()


def _take_back(scratch: Scratch, written: Journal) -> None:
    try:
        undo.undo(scratch, written)
    except OSError as error:
        written.leave()
        raise RefusedError(
            f"the update could be neither finished nor taken back: {error.strerror or error}",
            "make room, then run `copperplate update --abort`: it restores every file",
        ) from error


def _place_files(repository: Repository, record: Record, fresh: Path) -> None:
    root, stage = repository.root, repository.project / STAGE
    needed = {root / folder for step in record.steps if step.after for folder in Path(step.path).parents}
    changed = [step for step in record.steps if step.after != step.before]
    names = {step: stage / str(number) for number, step in enumerate(changed) if step.after}
    # All of it is on the project's own disk before the first file is touched: from there on nothing can fill up.
    durable.make_folder(stage)
    for step, name in names.items():
        durable.copy(fresh / step.path, name)
    durable.flush(names.values())
    for step in record.steps:
        if step.before and (not step.after or step.path in record.folders):
            durable.remove(root / step.path)
            _prune(root / step.path, repository.project, needed)
    for folder, _ in reversed(record.empty_folders):
        durable.remove_folder(root / folder)
    for folder in record.folders:
        durable.make_folder(root / folder)
    for step, name in names.items():
        durable.replace(name, root / step.path)
    durable.remove_folder(stage)


def _prune(path: Path, project: Path, needed: set[Path]) -> None:
    """Remove the folders above a file that is gone, as far as nothing is left in them."""
    for folder in path.parents:
        if folder in {project, *needed} or not folder.is_relative_to(project) or any(folder.iterdir()):
            return
        durable.remove_folder(folder)


def _fresh(scratch: Scratch, changes: Iterable[Difference]) -> Path:
    """A folder with the new files, written as the user's git would check them out."""
    folder, copy = scratch.path.with_name("fresh"), scratch.path / "fresh.index"
    folder.mkdir()
    new = {change.path: change.after for change in changes if change.after}
    if new:
        scratch.run(
            "update-index", "-z", "--index-info", stdin=index_info(new, scratch.repository.oid_width), index=copy
        )
        names = b"".join(os.fsencode(path) + b"\0" for path in new)
        arguments = ("checkout-index", "--force", "-z", "--stdin", f"--prefix={folder}/")
        scratch.run_at(scratch.repository.root, *arguments, index=copy, stdin=names)
    return folder


def _step(root: Path, change: Difference, fresh: Path) -> Step:
    return Step(
        change.path,
        before=fingerprint(root / change.path) if change.before else None,
        after=fingerprint(fresh / change.path) if change.after else None,
    )


def _folders_to_make(root: Path, steps: Iterable[Step]) -> tuple[str, ...]:
    """Those that are not there, and those where a file is that goes; a parent before its children."""
    gone = {step.path for step in steps if step.before}
    folders = {str(folder) for step in steps if step.after for folder in Path(step.path).parents}
    return tuple(sorted(folder for folder in folders if not (root / folder).is_dir() or folder in gone))


def _empty_folders(root: Path, steps: Iterable[Step]) -> tuple[tuple[str, int], ...]:
    """Those in whose place a file comes, with their modes; a parent before its children."""
    taken = [root / step.path for step in steps if step.after and fingerprint(root / step.path) == FOLDER]
    folders = (Path(folder) for path in taken if not path.is_symlink() for folder, _, _ in os.walk(path))
    return tuple((folder.relative_to(root).as_posix(), folder.stat().st_mode & 0o7777) for folder in folders)


def _refuse_changed_meanwhile(scratch: Scratch, landing: Landing, record: Record) -> None:
    """What was found to be clear before the checks ran, minutes ago, has to be so still."""
    repository = scratch.repository
    if repository.head() != record.head:
        raise RefusedError(f"{repository.root} has got another commit meanwhile", "run the same command again")
    guards.clear(scratch, landing.changes)
    for step in record.steps:
        found = fingerprint(repository.root / step.path)
        if found != step.before and not (found == FOLDER and step.before is None):
            raise RefusedError(f"{step.path} has been changed meanwhile", "commit it, and run the same command again")


def _replace_index(scratch: Scratch, landing: Landing, written: Journal) -> None:
    copy = index.copied(scratch, "landing.index")
    index.write_entries(scratch, copy, landing.index, landing.absent)
    settled = (path for path, stages in landing.index.items() if set(stages) == {0} and path not in landing.absent)
    index.refresh(scratch, copy, settled)
    put_index(scratch.repository, written, copy)


def put_index(repository: Repository, written: Journal, copy: Path) -> None:
    new = written.folder / "index.new"
    durable.copy(copy, new)
    durable.flush([new])
    durable.replace(new, repository.index)
