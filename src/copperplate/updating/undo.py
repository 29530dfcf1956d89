"""Takes an update back: every file, the index and the branch become what they were, to the bit."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from copperplate import durable, interrupts
from copperplate.errors import RefusedError
from copperplate.updating import index
from copperplate.updating.journal import Journal
from copperplate.updating.record import FOLDER, STAGE, fingerprint
from copperplate.updating.repository import Repository
from copperplate.updating.scratch import Scratch

_KEPT = "copperplate-kept"


def undo(scratch: Scratch, written: Journal) -> Path | None:
    """Restore what was before. Can be repeated after it was cut short.

    What has been written since into a file of the update is put aside: the folder is returned, or None.
    """
    repository, record = scratch.repository, written.record
    head = repository.head()
    if head not in {record.head, record.commit}:
        raise RefusedError(
            f"{repository.root} has got commits since the update began, so it cannot be taken back",
            f"`git reset` takes commits back; the update began at {record.head[:12]}",
        )
    with interrupts.held():
        index.hold(repository, written.token)
        if head != record.head:  # first of all: a branch that is where the update leads to means that it is finished
            durable.outside("update-ref", repository.git_dir)
            repository.run("update-ref", "-m", "copperplate: abort", "HEAD", record.head, head)
        aside = _Aside(repository)
        durable.remove_tree(repository.project / STAGE)
        _restore_files(repository, written, aside)
        _restore_index(scratch, written)
        index.release(repository, written.token)
        written.close()
    return aside.folder


class _Aside:
    """Made when the first file goes there."""

    def __init__(self, repository: Repository) -> None:
        self._root = repository.root
        self._at = repository.git_dir / f"{_KEPT}-{time.strftime('%Y%m%d-%H%M%S')}"
        self.folder: Path | None = None

    def take(self, path: str) -> None:
        target = self._at / path
        target.parent.mkdir(parents=True, exist_ok=True)
        durable.copy(self._root / path, target)
        self.folder = self._at


def _restore_files(repository: Repository, written: Journal, aside: _Aside) -> None:
    root, steps = repository.root, written.record.steps
    now = {step: fingerprint(root / step.path) for step in steps}
    for step in steps:
        if now[step] not in {step.before, step.after, None, FOLDER}:
            aside.take(step.path)
        if step.before is None and now[step] not in {None, FOLDER}:
            durable.remove(root / step.path)
    for folder in reversed(written.record.folders):
        durable.remove_folder(root / folder)
    for folder, mode in written.record.empty_folders:
        _restore_folder(root, folder, mode)
    for number, step in enumerate(steps):
        if step.before is not None and now[step] != step.before:
            _restore(root / step.path, written.backup(number))
    durable.flush({(root / step.path).parent for step in steps})


def _restore_folder(root: Path, folder: str, mode: int) -> None:
    """Make an empty folder again, unless the user has put a file or a link there, or above it."""
    places = [root / place for place in (*reversed(Path(folder).parents), Path(folder)) if place != Path()]
    if any(place.is_symlink() or (place.exists() and not place.is_dir()) for place in places):
        return
    for place in places:
        if not place.exists():
            durable.make_folder(place)
    places[-1].chmod(mode)


def _restore(path: Path, backup: Path) -> None:
    for folder in reversed(path.parents):
        if not folder.exists():
            durable.make_folder(folder)
    temporary = path.with_name(path.name + ".copperplate")
    durable.remove(temporary)
    durable.link(backup, temporary)
    durable.replace(temporary, path)


def _restore_index(scratch: Scratch, written: Journal) -> None:
    """The old index to the bit; but if the user has staged something else since, only the update's part of it."""
    repository, record = scratch.repository, written.record
    if not written.index.exists() or (
        repository.index.exists() and repository.index.read_bytes() == written.index.read_bytes()
    ):
        return
    paths = set(record.indexed)
    before = index.listed(scratch, index.copied(scratch, "before.index", written.index))
    copy = index.copied(scratch, "undo.index")
    new = written.folder / "index.new"
    if _without(before.stages, paths) == _without(index.listed(scratch, copy).stages, paths):
        durable.copy(written.index, new)
    else:
        index.write_entries(scratch, copy, {path: before.stages.get(path, {}) for path in paths}, before.absent)
        durable.copy(copy, new)
    durable.flush([new])
    durable.replace(new, repository.index)


def _without(entries: Mapping[str, index.Stages], paths: Iterable[str]) -> dict[str, index.Stages]:
    left = set(paths)
    return {path: stages for path, stages in entries.items() if path not in left}
