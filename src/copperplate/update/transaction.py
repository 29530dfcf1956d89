"""Transaction: one update of the user's files, index and branch, with its journal and its stage.

The stage is a folder in the project, for new files before they are put in place and for old files that were taken away.
Its folder `new` appears in one step when all new files are in it. Before that, no file of the user's is changed. The
name of a file is the number of its step in the record.
"""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from copperplate.errors import GitFailedError, RefusedError
from copperplate.git import index
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.git.trees import PLAIN, Entry
from copperplate.system import disk
from copperplate.update.journal import Journal, Record
from copperplate.update.work_tree import WorkTree, error_names, fingerprint, is_same


@dataclass(frozen=True, slots=True)
class Stage:
    tree: WorkTree
    record: Record
    folder: Path

    def new(self, number: int) -> Path:
        """Return the path of a step's new file."""
        return self.folder / "new" / str(number)

    def old(self, number: int) -> Path:
        """Return the path of a step's old file after it was taken away."""
        return self.folder / "old" / str(number)

    def waiting(self, number: int) -> Path:
        """Return the path of a step's new file before the swap; for a moment after it, the old file is there."""
        return self.folder / "waiting" / str(number)

    def taken(self, number: int) -> Path:
        """Return the path of the file that the rollback has taken away."""
        return self.folder / "taken" / str(number)

    @property
    def is_filled(self) -> bool:
        return (self.folder / "new").is_dir()

    def make(self) -> None:
        """Make missing folders; the project's own is missing if the user has moved it."""
        if self.record.prefix:
            self.tree.make_folders(self.record.prefix.rstrip("/"), {})
        for folder in (self.folder, *(self.folder / name for name in ("old", "waiting", "taken"))):
            if not folder.is_dir():
                folder.mkdir()

    def fill(self, fresh: Path) -> None:
        """Copy the new files to the project's disk, so that it cannot fill up after the first file is changed."""
        self.make()
        draft = self.folder / "draft"
        draft.mkdir()
        for number, step in enumerate(self.record.steps):
            if step.after and step.after != step.before:
                with error_names(self.tree.path(step.path)):
                    disk.copy(fresh / step.path, draft / str(number))
        disk.flush(draft.iterdir())
        draft.replace(self.folder / "new")

    def take(self, number: int) -> None:
        """Move the old file of a step into the stage; refused if it differs from the record."""
        self.tree.take(self.record.steps[number].path, self.old(number))
        self._refuse_changed(number)

    def swap(self, number: int) -> None:
        """Replace the old file of a step by the new one, if possible in one step."""
        path, waiting = self.record.steps[number].path, self.waiting(number)
        disk.link(self.new(number), waiting)
        try:
            is_swapped = self.tree.exchange(waiting, path)
        except (FileNotFoundError, FileExistsError):
            raise _changed(path) from None
        if not is_swapped:
            waiting.unlink(missing_ok=True)
            self.take(number)
            self.put(number)
            return
        disk.move(waiting, self.old(number))
        self._refuse_changed(number)

    def finish_swaps(self) -> None:
        """Move old files that were swapped just before a kill to the other old files."""
        for number in range(len(self.record.steps)):
            waiting = self.waiting(number)
            if not os.path.lexists(waiting):
                continue
            if is_same(waiting, self.new(number)) or fingerprint(waiting) == fingerprint(self.new(number)):
                waiting.unlink(missing_ok=True)
            else:
                disk.move(waiting, self.old(number))

    def put(self, number: int) -> None:
        """Put the new file of a step in its place; refused if another program has put a file there."""
        path = self.record.steps[number].path
        try:
            self.tree.put(self.new(number), path)
        except FileExistsError:
            raise _changed(path) from None

    def make_folder(self, name: str) -> None:
        try:
            self.tree.make_folders(name, self.record.modes)
        except FileExistsError:
            raise _changed(name) from None

    def replace(self, number: int, content: bytes) -> None:
        """Replace the file of a step that the update had left unchanged; refused if it has changed."""
        self.make()
        new = self.folder / "replacement"
        disk.write(new, content)
        try:
            self.take(number)
            self.tree.put(new, self.record.steps[number].path)
        except BaseException:
            self.put_back()
            raise

    def put_back(self) -> None:
        """Put back the files that `replace` has taken away, if it has failed."""
        for number, step in enumerate(self.record.steps):
            if step.before == step.after and self.old(number).exists():
                with suppress(FileExistsError):
                    self.tree.put(self.old(number), step.path)

    def refuse_written(self) -> None:
        """Refuse if another program has written into an old file after it was taken away."""
        for number in self._written():
            raise _changed(self.record.steps[number].path)

    def keep_written(self, kept: "Kept") -> None:
        """Keep old files into which another program has written after they were taken away."""
        for number in self._written():
            kept.keep(self.old(number), self.record.steps[number].path)

    def remove(self) -> None:
        disk.remove_tree(self.folder)

    def _refuse_changed(self, number: int) -> None:
        step = self.record.steps[number]
        if fingerprint(self.old(number)) != step.before:
            raise _changed(step.path)

    def _written(self) -> list[int]:
        steps = enumerate(self.record.steps)
        return [number for number, step in steps if fingerprint(self.old(number)) not in {step.before, None}]


class Kept:
    """Folder for changes that others have made to files of an update; a part of the journal until it is published."""

    def __init__(self, journal: Journal) -> None:
        self._folder = journal.folder / "kept"

    def keep(self, source: Path, name: str) -> None:
        """Move the file, link or folder `source` into this folder, under its name."""
        disk.move(source, self._place(name))

    def take(self, tree: WorkTree, name: str) -> None:
        """Move the file or folder `name` of the work tree here; a folder without files is removed."""
        tree.remove_empty(name)
        if tree.fingerprint(name) is not None:
            tree.take(name, self._place(name))

    def publish(self, git_dir: Path) -> Path | None:
        """Move the folder to its final path below git's folder and return it; None if nothing was kept."""
        if not self._folder.exists():
            return None
        named = git_dir / f"copperplate-kept-{time.strftime('%Y%m%d-%H%M%S')}"
        target = next(path for path in _numbered(named) if not path.exists())
        self._folder.replace(target)
        return target

    def _place(self, name: str) -> Path:
        """Return a free path for `name`, below a number if its own path is taken."""
        for base in _numbered(self._folder / "again"):
            folder = self._folder if base.name == "again" else base
            target = folder / name
            with suppress(FileExistsError, NotADirectoryError):
                target.parent.mkdir(parents=True, exist_ok=True)
                if not os.path.lexists(target):
                    return target
        raise AssertionError  # there is always a free number


def _numbered(path: Path) -> Iterator[Path]:
    """Return `path`, and then `path` with the numbers from 2 at its end."""
    yield path
    yield from (path.with_name(f"{path.name}-{number}") for number in count(2))


def _changed(path: str) -> RefusedError:
    what = f"another program has changed {path} while the update was applied"
    hint = "its change is kept, and the update is taken back: commit the change, and run the same command again"
    return RefusedError(what, hint)


@dataclass(frozen=True, slots=True)
class Transaction:
    repository: Repository
    journal: Journal

    @property
    def record(self) -> Record:
        return self.journal.record

    @property
    def stage(self) -> Stage:
        root, record = self.repository.root, self.record
        project = root / record.prefix
        folder = project / record.stage if record.stage else self.journal.folder / "stage"
        return Stage(WorkTree(root, project), record, folder)

    @property
    def kept(self) -> Kept:
        return Kept(self.journal)

    @property
    def is_complete(self) -> bool:
        """True if the branch has the update's commit, perhaps with later commits of the user's."""
        return self.record.commit is not None and self.repository.contains(self.record.commit)

    def hold_index(self) -> None:
        """Lock the index against other git processes; refused while one of them uses it."""
        index.hold(self.repository, self.journal.token)

    def release_index(self) -> None:
        index.release(self.repository, self.journal.token)

    def replace_index(self, copy: Path) -> None:
        new = self.journal.folder / "index.new"
        disk.copy(copy, new)
        if self.repository.index.exists():
            shutil.copymode(self.repository.index, new)
        disk.flush([new])
        new.replace(self.repository.index)

    def replace_file(self, scratch: Scratch, path: str, content: bytes) -> None:
        """Replace a file that the update had left as in the user's commit, and record that in the journal."""
        number = next(number for number, step in enumerate(self.record.steps) if step.path == path)
        self.hold_index()
        copy = index.private_copy(scratch, "file.index")
        index.write_entries(scratch, copy, {path: {0: Entry(PLAIN, scratch.store(content))}})
        stage = self.stage
        try:
            stage.replace(number, content)
            index.refresh(scratch, copy, [path])
            self.replace_index(copy)
            stage.remove()
        finally:
            self.release_index()
        self.refresh_index(scratch, [path])

    def refresh_index(self, scratch: Scratch, paths: Iterable[str]) -> None:
        """Record the times of these files again, which the removal of the stage, with links to them, has changed."""
        with suppress(GitFailedError):  # another git process uses the index; the next `git status` records the times
            index.refresh(scratch, self.repository.index, paths)

    def release_leftovers(self) -> Path | None:
        """Remove what an applied update no longer needs; return the folder with changes of other programs, or None."""
        stage, kept, published = self.stage, self.kept, None
        with suppress(OSError):  # the next run removes the rest
            stage.put_back()
            self.release_index()
            stage.keep_written(kept)  # as late as possible
            published = kept.publish(self.repository.git_dir)
            stage.remove()
        return published
