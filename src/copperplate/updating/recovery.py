"""Recovery of an update that was cut short, before anything else is done."""

from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.system import disk, folders, signals
from copperplate.updating import journal, landing
from copperplate.updating.undo import undo


def recovered(repository: Repository) -> str:
    """What was done, as a sentence; empty where nothing was to do. Refused while conflicts wait for the user."""
    folders.sweep()
    written = journal.opened(repository)
    if written is None:
        return ""
    said = ""
    try:
        with signals.deferred():
            said = _put_right(repository, written)
    except signals.Interrupted as interrupt:
        interrupt.done = said
        raise
    except OSError as error:
        cause = disk.refusal(error, repository.root, "and run the same command again")
        raise RefusedError(f"an update that was cut short cannot be taken back: {cause.what}", cause.hint) from error
    finally:
        written.leave()
    return said


def _put_right(repository: Repository, written: journal.Journal) -> str:
    project = repository.root / written.record.prefix
    if is_complete(repository, written):
        kept = landing.tidy(repository, written)
        written.close()
        return f"an update of {project} that was cut short has been finished: it lacked only its last step{_in(kept)}"
    if written.record.state == "conflicts":
        landing.tidy(repository, written)
        raise RefusedError(
            f"an update of {project} is in progress: {written.record.message}",
            "resolve its conflicts, then `copperplate update --continue`; or take it back with --abort",
        )
    return f"an update of {project} that was cut short has been taken back{_in(undone(repository, written))}"


def is_complete(repository: Repository, written: journal.Journal) -> bool:
    """Whether the branch has the update's commit, though the user may have made others after it."""
    commit = written.record.commit
    return commit is not None and repository.contains(commit)


def _in(kept: Path | None) -> str:
    return f"; what was written meanwhile into its files is in {kept}" if kept else ""


def undone(repository: Repository, written: journal.Journal) -> Path | None:
    with folders.temporary() as folder:
        return undo(Scratch.make(folder / "scratch.git", repository), written)
