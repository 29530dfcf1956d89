"""Resumption: from conflicts to a finished update, or back to the old state."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate import project
from copperplate.commands.update import abort, resume
from copperplate.errors import ExitCode, Recovery
from copperplate.errors.updates import (
    BranchMovedError,
    ConflictsLeftError,
    NoUpdateError,
    UpdateInProgressError,
    UpdateMissingError,
)
from copperplate.progress import Silent
from copperplate.update.journal import Journal
from copperplate.update.result import Options, State, UpdateResult
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered


@pytest.fixture
def conflicted(world: World) -> World:
    """A project in which an update has left conflicts."""
    world.release("1.0", {"a.txt": numbered(5), "gone.txt": numbered(9), "old/ok.txt": "1\n", ".gitignore": "*.log\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs"), "new/ok.txt": "1\n", "new/deep/c.txt": "c\n"})
    world.print("1.0")
    world.write("a.txt", numbered(5, l2="ours"))
    world.write("gone.txt", numbered(9, l1="ours"))
    world.write("own.txt", "own\n")
    world.commit()
    world.write("old/debug.log", "ignored\n")
    world.write("own.txt", "not committed\n")
    world.write("untracked.txt", "untracked\n")
    world.write("staged.txt", "staged\n")
    world.git("add", "staged.txt")
    os.utime(world.project / "a.txt", (1, 1))
    return world


def again(world: World, **given: bool) -> UpdateResult:
    return resume(world.project, options=Options(**{"verify": False, **given}), progress=Silent())


def resolve(world: World) -> None:
    world.write("a.txt", numbered(5, l2="both"))
    world.git("add", "a.txt")
    world.git("rm", "--quiet", "gone.txt")


def test_abort_restores_every_bit(conflicted: World) -> None:
    before, index = snapshot(conflicted.top), (conflicted.top / ".git" / "index").read_bytes()
    times = {name: (conflicted.project / name).stat().st_mtime for name in ("a.txt", "gone.txt", "own.txt")}
    conflicted.update()
    assert snapshot(conflicted.top) != before
    result = abort(conflicted.project)
    assert result.kept is None
    assert snapshot(conflicted.top) == before
    assert (conflicted.top / ".git" / "index").read_bytes() == index
    assert times == {name: (conflicted.project / name).stat().st_mtime for name in times}
    assert not list((conflicted.top / ".git").glob("copperplate*"))
    assert conflicted.update().state is State.CONFLICTS


def test_abort_saves_later_changes(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    conflicted.write("a.txt", "half resolved\n")
    kept = abort(conflicted.project).kept
    assert kept is not None
    assert (kept / "a.txt").read_text() == "half resolved\n"
    assert snapshot(conflicted.top) == before


def test_abort_restores_an_unchanged_file_that_the_user_edited_in_place(conflicted: World) -> None:
    before, file = snapshot(conflicted.top), conflicted.project / "gone.txt"
    conflicted.update()
    file.chmod(0o755)
    with file.open("r+") as same:  # as some editors do: no new file in its place
        same.write("half resolved")
    kept = abort(conflicted.project).kept
    assert kept is not None
    assert (kept / "gone.txt").read_text().startswith("half resolved")
    assert snapshot(conflicted.top) == before


def test_abort_keeps_files_that_the_user_has_staged_meanwhile(conflicted: World) -> None:
    conflicted.update()
    conflicted.write("later.txt", "later\n")
    conflicted.git("add", "later.txt")
    abort(conflicted.project)
    assert conflicted.git("diff", "--cached", "--name-only").split() == ["later.txt", "staged.txt"]
    assert conflicted.git("ls-files", "--unmerged") == ""


def test_continue_refuses_while_a_conflict_is_left(conflicted: World) -> None:
    conflicted.update()
    with pytest.raises(ConflictsLeftError, check=with_fields(paths=["a.txt", "gone.txt"], are_staged=False)) as left:
        again(conflicted)
    assert left.value.exit_code == ExitCode.CONFLICTS
    conflicted.git("add", "a.txt", "gone.txt")
    with pytest.raises(ConflictsLeftError, check=with_fields(paths=["a.txt"], are_staged=True)) as marked:
        again(conflicted)
    assert marked.value.hint.startswith("edit it, and git add it again")
    assert marked.value.exit_code == ExitCode.CONFLICTS


def test_continue_commits_only_the_update(conflicted: World) -> None:
    conflicted.update()
    resolve(conflicted)
    result = again(conflicted)
    assert result.state is State.LANDED
    assert conflicted.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"
    changed = conflicted.git("show", "--name-only", "--no-renames", "--format=", "HEAD").split()
    assert changed == [
        ".copier-answers.yml",
        ".gitignore",
        "a.txt",
        "gone.txt",
        "new/deep/c.txt",
        "new/ok.txt",
        "old/ok.txt",
    ]
    assert conflicted.status().splitlines() == ["M own.txt", "A  staged.txt", "?? old/", "?? untracked.txt"]
    assert project.load(conflicted.project).template_version == "2.0"
    with pytest.raises(NoUpdateError):
        again(conflicted)
    assert conflicted.update().state is State.UNCHANGED


def test_a_resolution_that_the_user_committed_is_accepted(conflicted: World) -> None:
    conflicted.update()
    resolve(conflicted)
    conflicted.git("commit", "--quiet", "--message=mine")
    result = again(conflicted)
    assert result.commit == conflicted.git("rev-parse", "HEAD")
    assert conflicted.update().state is State.UNCHANGED


def test_abort_does_not_take_back_commits_of_the_user(conflicted: World) -> None:
    conflicted.update()
    resolve(conflicted)
    conflicted.git("commit", "--quiet", "--message=mine")
    with pytest.raises(BranchMovedError):
        abort(conflicted.project)


def test_a_second_update_is_refused_while_one_is_unfinished(conflicted: World) -> None:
    conflicted.update()
    abort(conflicted.project)
    conflicted.update()
    with pytest.raises(UpdateInProgressError, check=with_fields(message="Update template from 1.0 to 2.0")):
        conflicted.update()


def test_the_answers_must_be_those_of_the_new_version(conflicted: World) -> None:
    conflicted.update()
    resolve(conflicted)
    conflicted.git("checkout", "--quiet", "HEAD", "--", ".copier-answers.yml")
    with pytest.raises(UpdateMissingError, check=with_fields(name="_commit", found="1.0", expected="2.0")):
        again(conflicted)


def test_the_users_conflict_style_is_used(world: World, settings: Path) -> None:
    settings.write_text(settings.read_text() + "[merge]\nconflictStyle = diff3\n")
    world.release("1.0", {"a.txt": numbered(5)})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs")})
    world.print("1.0")
    world.write("a.txt", numbered(5, l2="ours"))
    world.commit()
    world.update()
    assert "|||||||" in world.read("a.txt")


def own_file_where_a_folder_comes(world: World) -> None:
    world.write("new", "mine\n")


def own_folder_where_a_file_comes(world: World) -> None:
    (world.project / "plain").unlink(missing_ok=True)
    world.write("file/mine.txt", "mine\n")


def both_moved(world: World) -> None:
    (world.project / "moves.txt").rename(world.project / "mine.txt")


def link_in_its_place(world: World) -> None:
    (world.project / "a.txt").unlink()
    (world.project / "a.txt").symlink_to("own.txt")


def moved_and_edited_what_goes(world: World) -> None:
    (world.project / "gone.txt").unlink()
    world.write("kept.txt", numbered(30, l3="mine"))


@pytest.mark.parametrize(
    "edit",
    [
        own_file_where_a_folder_comes,
        own_folder_where_a_file_comes,
        both_moved,
        link_in_its_place,
        moved_and_edited_what_goes,
    ],
)
def test_conflicts_of_every_shape_are_listed_and_can_be_taken_back(world: World, edit: Callable[[World], None]) -> None:
    both = numbered(20, l0="moves")
    world.release("1.0", {"a.txt": numbered(5), "moves.txt": both, "gone.txt": numbered(30)})
    world.release("2.0", {"a.txt": numbered(5, l1="x"), "theirs.txt": both, "new/in.txt": "new\n", "file": "file\n"})
    world.print("1.0")
    edit(world)
    world.commit()
    before, index = snapshot(world.top), (world.top / ".git" / "index").read_bytes()
    lines = {line for _, content in before.values() for line in content.splitlines()}
    result = world.update()
    assert result.state is State.CONFLICTS
    assert {found.path for found in result.report.conflicts} >= set(
        world.git("diff", "--name-only", "--diff-filter=U").split()
    )
    left = {line for _, content in snapshot(world.top).values() for line in content.splitlines()}
    assert b"mine" not in lines - left
    abort(world.project)
    assert (snapshot(world.top), (world.top / ".git" / "index").read_bytes()) == (before, index)


def test_continue_refuses_an_index_that_no_longer_holds_the_update(conflicted: World) -> None:
    conflicted.update()
    resolve(conflicted)
    conflicted.git("reset", "--quiet")
    start = conflicted.git("rev-parse", "HEAD")
    with pytest.raises(UpdateMissingError, check=with_fields(is_committed=False)):
        again(conflicted)
    assert conflicted.git("rev-parse", "HEAD") == start
    assert abort(conflicted.project)


def test_continue_refuses_a_commit_that_does_not_hold_the_update(conflicted: World) -> None:
    conflicted.update()
    resolve(conflicted)
    conflicted.git("stash", "--quiet")
    conflicted.git("commit", "--quiet", "--allow-empty", "--message=other")
    conflicted.git("stash", "pop", "--quiet", "--index")
    with pytest.raises(UpdateMissingError, check=with_fields(is_committed=True)):
        again(conflicted)


def test_continue_refuses_other_answers_than_those_that_were_set(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(5, l2="{{ license }}"), "a.jinja": "", "b.txt.jinja": "{{ license }}\n"})
    world.print("1.0")
    world.write("b.txt", "mine\n")
    world.commit()
    assert world.update(stay=True, data=("license=Apache-2.0",)).state is State.CONFLICTS
    world.git("reset", "--quiet", "--hard")
    with pytest.raises(UpdateMissingError, check=with_fields(name="license", found="MIT", expected="Apache-2.0")):
        again(world)


def test_after_a_kill_of_a_complete_update_the_user_can_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.release("1.0", {"a.txt": numbered(5)})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs")})
    world.print("1.0")
    with monkeypatch.context() as killed:
        killed.setattr(Journal, "discard", Journal.release)  # its last step
        world.update()
    world.write("own.txt", "own\n")
    world.commit()
    assert world.update().recovered == Recovery(world.project, is_finished=True, kept=None)
    assert world.update().recovered is None
