"""Deleted state: a user deletes files of Copperplate during an update. Nothing is lost, and messages are correct."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.status import status
from copperplate.commands.update import abort, resume
from copperplate.errors import ExitCode
from copperplate.errors.updates import (
    DamagedJournalError,
    InTheWayError,
    LostBackupsError,
    UpdateInProgressError,
    UpdateMissingError,
)
from copperplate.progress import Silent
from copperplate.templates import bundled
from copperplate.update.result import Options, State
from testing.crashes.events import is_killed
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered

OURS = numbered(9, l4="ours")


@pytest.fixture
def conflicted(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project in which the update changes, adds, removes and moves files, and leaves a conflict."""
    world.release("1.0", {"a.txt": numbered(9), "b.txt": "1\n", "gone.sh": "1\n", "old/c.txt": numbered(5)})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs"), "b.txt": "2\n", "n/new.txt": "1\n", "c.txt": numbered(5)})
    world.print("1.0")
    world.write("a.txt", OURS)
    world.commit()
    (world.project / "b.txt").chmod(0o600)
    monkeypatch.setattr(bundled, "released", lambda: world.versions)
    return world


def journal(world: World) -> Path:
    return world.top / ".git" / "copperplate"


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def goes_on(world: World) -> None:
    resume(world.project, options=Options(verify=False), progress=Silent())


@pytest.mark.parametrize("name", ["before", "index", "token", "stage", "before/0", "before/1"])
def test_abort_restores_everything_although_backups_are_missing(conflicted: World, name: str) -> None:
    before, head = snapshot(conflicted.top), conflicted.git("rev-parse", "HEAD")
    assert conflicted.update().state is State.CONFLICTS
    if (journal(conflicted) / name).exists():
        remove(journal(conflicted) / name)
    abort(conflicted.project)
    assert snapshot(conflicted.top) == before
    assert conflicted.git("rev-parse", "HEAD") == head
    assert conflicted.status() == ""


def test_a_killed_update_is_taken_back_although_all_backups_are_missing(
    conflicted: World,
) -> None:
    before = snapshot(conflicted.top)
    assert is_killed(conflicted.update, conflicted.top, when=lambda event: "--refresh" in event.command)
    for name in ("before", "index", "token"):
        remove(journal(conflicted) / name)
    conflicted.git("clean", "--quiet", "-d", "--force")
    abort(conflicted.project)
    assert snapshot(conflicted.top) == before
    assert conflicted.status() == ""


def test_without_backups_and_git_objects_abort_is_refused_and_changes_nothing(conflicted: World) -> None:
    blob = conflicted.git("rev-parse", "HEAD:a.txt")
    conflicted.update()
    shutil.rmtree(journal(conflicted) / "before")
    (conflicted.top / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    before = snapshot(conflicted.top)
    with pytest.raises(LostBackupsError, check=with_fields(folder=journal(conflicted))):
        abort(conflicted.project)
    assert snapshot(conflicted.top) == before


def test_a_later_edit_is_kept_although_backups_are_missing(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    shutil.rmtree(journal(conflicted) / "before")
    conflicted.write("a.txt", "resolved\n")
    result = abort(conflicted.project)
    assert snapshot(conflicted.top) == before
    assert result.kept is not None
    assert (result.kept / "a.txt").read_text() == "resolved\n"


def updated(world: World) -> None:
    world.update()


@pytest.mark.parametrize("command", [updated, goes_on, lambda world: abort(world.project)])
def test_without_the_journal_every_command_names_the_conflicts_that_are_left(
    conflicted: World, command: Callable[[World], object]
) -> None:
    conflicted.update()
    shutil.rmtree(journal(conflicted))
    before = snapshot(conflicted.top)
    with pytest.raises(InTheWayError, check=lambda error: error.obstacle == "unmerged" and "a.txt" in error.paths):
        command(conflicted)
    assert snapshot(conflicted.top) == before


def test_without_the_journal_an_uncommitted_update_is_refused(conflicted: World) -> None:
    conflicted.update()
    shutil.rmtree(journal(conflicted))
    conflicted.write("a.txt", "resolved\n")
    conflicted.git("add", "a.txt")
    with pytest.raises(InTheWayError, check=with_fields(obstacle="uncommitted", paths=[".copier-answers.yml"])):
        conflicted.update()
    conflicted.git("commit", "--quiet", "--message=update")
    assert conflicted.update().state is State.UNCHANGED


def test_the_command_in_the_hint_restores_only_that_file(conflicted: World) -> None:
    conflicted.write("mine.txt", "staged, and not committed\n")
    conflicted.git("add", "mine.txt")
    conflicted.update()
    shutil.rmtree(journal(conflicted))
    with pytest.raises(InTheWayError, check=lambda error: error.obstacle == "unmerged") as refused:
        conflicted.update()
    command = refused.value.hint.partition("`git ")[2].partition("`")[0].split()
    for name in ("a.txt", "n/new.txt"):
        conflicted.git(*[name if part == "FILE" else part for part in command])
    assert conflicted.read("a.txt") == OURS
    assert not (conflicted.project / "n" / "new.txt").exists()
    assert conflicted.read("mine.txt") == "staged, and not committed\n"


def test_a_changed_backup_is_kept_and_the_file_is_restored(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    for backup in (journal(conflicted) / "before").iterdir():
        backup.write_text("changed\n")
    result = abort(conflicted.project)
    assert snapshot(conflicted.top) == before
    assert result.kept is not None
    assert (result.kept / "a.txt").read_text() == "changed\n"


def test_abort_restores_staged_files_although_the_index_is_missing(conflicted: World) -> None:
    conflicted.write("mine.txt", "staged, and not committed\n")
    conflicted.git("add", "mine.txt")
    before = conflicted.status()
    conflicted.update()
    (conflicted.top / ".git" / "index").unlink()
    abort(conflicted.project)
    assert conflicted.status() == before


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("{}"), lambda file: file.write_text("")])
@pytest.mark.parametrize(
    "command",
    [updated, goes_on, lambda world: abort(world.project), lambda world: status(world.project, progress=Silent())],
)
def test_an_unreadable_journal_is_reported(
    conflicted: World, damage: Callable[[Path], object], command: Callable[[World], object]
) -> None:
    conflicted.update()
    damage(journal(conflicted) / "journal.json")
    before = snapshot(conflicted.top)
    with pytest.raises(DamagedJournalError, check=with_fields(folder=journal(conflicted))):
        command(conflicted)
    assert snapshot(conflicted.top) == before


@pytest.mark.parametrize("command", [goes_on, lambda world: status(world.project, progress=Silent())])
def test_without_the_answers_file_the_unfinished_update_is_named(
    conflicted: World, command: Callable[[World], object]
) -> None:
    conflicted.update()
    conflicted.write("a.txt", "resolved\n")
    conflicted.git("add", "a.txt")
    (conflicted.project / ".copier-answers.yml").unlink()
    gone = with_fields(message="Update template from 1.0 to 2.0", is_without_answers=True)
    with pytest.raises(UpdateInProgressError, check=gone) as refused:
        command(conflicted)
    assert refused.value.hint.startswith("git restore .copier-answers.yml;")
    conflicted.git("restore", ".copier-answers.yml")
    goes_on(conflicted)
    assert conflicted.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"


def test_abort_works_without_the_answers_file(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    (conflicted.project / ".copier-answers.yml").unlink()
    abort(conflicted.project)
    assert snapshot(conflicted.top) == before


def test_after_git_stash_the_hint_is_git_stash_pop(conflicted: World) -> None:
    conflicted.update()
    conflicted.write("a.txt", "resolved\n")
    conflicted.git("add", "a.txt")
    conflicted.git("stash")
    with pytest.raises(UpdateMissingError, check=with_fields(is_committed=False)) as refused:
        goes_on(conflicted)
    assert "git stash pop" in refused.value.hint
    conflicted.git("stash", "pop")
    with pytest.raises(UpdateMissingError, check=with_fields(is_committed=False)) as refused:
        goes_on(conflicted)
    assert refused.value.hint.startswith("git add the files of the update again;")
    conflicted.git("add", "--all")
    goes_on(conflicted)
    assert conflicted.read("a.txt") == "resolved\n"
    assert conflicted.status() == ""


def test_after_a_partial_commit_the_commands_in_the_hint_work(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    conflicted.write("a.txt", "resolved\n")
    conflicted.git("add", "a.txt")
    conflicted.git("commit", "--quiet", "--message=only a", "a.txt")
    with pytest.raises(UpdateMissingError, check=with_fields(is_committed=True)) as refused:
        goes_on(conflicted)
    assert refused.value.exit_code is ExitCode.REFUSED
    back = refused.value.hint.partition("`git ")[2].partition("`")[0]
    conflicted.git(*back.split())
    abort(conflicted.project)
    assert snapshot(conflicted.top) == before
