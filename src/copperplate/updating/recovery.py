"""What an update that was cut short has left, put right before anything else is done."""

from pathlib import Path

from copperplate import durable, temporary
from copperplate.errors import RefusedError
from copperplate.updating import index, journal
from copperplate.updating.record import STAGE
from copperplate.updating.repository import Repository
from copperplate.updating.scratch import Scratch
from copperplate.updating.undo import undo


def recovered(repository: Repository) -> str:
    """What was done, as a sentence; empty where nothing was to do. Refused while conflicts wait for the user."""
    temporary.sweep()
    written = journal.opened(repository)
    if written is None:
        return ""
    try:
        return _put_right(repository, written)
    finally:
        written.leave()


def _put_right(repository: Repository, written: journal.Journal) -> str:
    if repository.head() == written.record.commit:
        index.release(repository, written.token)
        written.close()
        return "an update that was cut short has been finished: it was complete but for its last step"
    if written.record.state == "conflicts":
        tidied(repository, written)
        raise RefusedError(
            f"an update is in progress in {repository.root}: {written.record.message}",
            "resolve its conflicts, then `copperplate update --continue`; or take it back with --abort",
        )
    kept = undone(repository, written)
    aside = f"; what was written since into its files is in {kept}" if kept else ""
    return f"an update that was cut short has been taken back{aside}"


def tidied(repository: Repository, written: journal.Journal) -> None:
    """Let the user go on with conflicts that are all there, though the run that left them was killed right then."""
    index.release(repository, written.token)
    durable.remove_tree(repository.project / STAGE)


def undone(repository: Repository, written: journal.Journal) -> Path | None:
    with temporary.folder() as folder:
        return undo(Scratch.make(folder / "scratch.git", repository), written)
