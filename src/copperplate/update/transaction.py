"""Transaction: one update of the user's files, index and branch, with its journal and its stage."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from copperplate.git import index
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.git.trees import PLAIN, Entry
from copperplate.system import disk
from copperplate.update.journal import Journal, Record
from copperplate.update.stage import Kept, Stage


@dataclass(frozen=True, slots=True)
class Transaction:
    repository: Repository
    journal: Journal

    @property
    def record(self) -> Record:
        return self.journal.record

    @property
    def stage(self) -> Stage:
        return Stage.of(self.repository, self.journal)

    @property
    def kept(self) -> Kept:
        return Kept(self.journal)

    @property
    def is_complete(self) -> bool:
        """Whether the branch has the update's commit, though the user may have made others after it."""
        return self.record.commit is not None and self.repository.contains(self.record.commit)

    def hold_index(self) -> None:
        """Keep every other git off the index; refused while one is at work on it."""
        index.hold(self.repository, self.journal.token)

    def release_index(self) -> None:
        index.release(self.repository, self.journal.token)

    def replace_index(self, copy: Path) -> None:
        new = self.journal.folder / "index.new"
        disk.copy(copy, new)
        if self.repository.index.exists():
            shutil.copymode(self.repository.index, new)
        disk.flush([new])
        disk.replace(new, self.repository.index)

    def replace_file(self, scratch: Scratch, path: str, content: bytes) -> None:
        """Replace a file that the update has left as the user's commit has it, as the journal knows."""
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

    def release_leftovers(self) -> Path | None:
        """Remove what an applied update no longer needs; the folder with what others wrote meanwhile, or None."""
        stage, kept, published = self.stage, self.kept, None
        with suppress(OSError):  # what is left, the next run removes
            stage.put_back()
            self.release_index()
            stage.keep_written(kept)  # as late as can be
            published = kept.publish(self.repository.git_dir)
            stage.remove()
        return published
