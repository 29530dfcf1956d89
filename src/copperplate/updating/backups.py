"""Backups of an update, as far as somebody has deleted or changed them: the files are in the project's commit too."""

from copperplate.errors import CopperplateError, RefusedError
from copperplate.git import index
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry
from copperplate.system import disk
from copperplate.updating.journal import Journal
from copperplate.updating.record import Step
from copperplate.updating.stage import Kept, Stage
from copperplate.updating.work_tree import FOLDER, fingerprint

_NOTHING = {None, FOLDER}


def complete(scratch: Scratch, written: Journal) -> None:
    """Make the backups again that are gone; refused, with nothing touched, where there is nothing to make them of.

    A backup that is not as the file was is kept aside, unless the update was cut short: then another program may have
    written into the file, which is to be restored with that.
    """
    is_applied = written.record.state in {"conflicts", "reverting"}
    lost = [
        (number, step)
        for number, step in enumerate(written.record.steps)
        if step.before is not None
        and (found := fingerprint(written.backup(number))) != step.before
        and (is_applied or found in _NOTHING)
    ]
    if not lost and written.index.exists():
        return
    try:
        committed = scratch.entries(f"{written.record.head}^{{tree}}")
        _complete_files(scratch, written, lost, {step.path: committed[step.path] for _, step in lost})
        if not written.index.exists():
            _complete_index(scratch, written, {path: committed.get(path) for path in written.record.indexed})
    except (CopperplateError, KeyError) as error:
        raise RefusedError(
            f"backups of the update in {written.folder} are gone, and git does not have these files either: {error}",
            "copy them back into that folder, and run the same command again; nothing has been changed",
        ) from error


def _complete_files(
    scratch: Scratch, written: Journal, lost: list[tuple[int, Step]], committed: dict[str, Entry]
) -> None:
    stage, kept = Stage.of(scratch.repository, written), Kept(written)
    folder = scratch.path.with_name("committed")
    scratch.check_out(committed, folder)
    for number, step in lost:
        old = stage.old(number)
        source = old if fingerprint(old) == step.before else folder / step.path
        if source != old and not source.is_symlink() and not str(step.before).startswith("link "):
            source.chmod(int(str(step.before).partition(" ")[0], 8))
        backup = written.backup(number)
        if fingerprint(backup) is not None:
            kept.keep(backup, step.path)
        backup.parent.mkdir(exist_ok=True)
        disk.copy(source, backup)


def _complete_index(scratch: Scratch, written: Journal, committed: dict[str, Entry | None]) -> None:
    copy = index.private_copy(scratch, "lost.index")
    if not copy.exists():
        scratch.run("read-tree", written.record.head, index=copy)
    index.write_entries(scratch, copy, {path: {0: entry} if entry else {} for path, entry in committed.items()})
    disk.copy(copy, written.index)
