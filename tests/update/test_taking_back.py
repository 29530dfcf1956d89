"""Rollback of an update: it restores the project after any change of the user's, and changes nothing else."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.update import abort, resume
from copperplate.errors.updates import NoUpdateError, OtherUpdateError
from copperplate.progress import Silent
from copperplate.templates import bundled
from copperplate.update.result import AbortResult, Options, State
from testing.cli import Ran
from testing.crashes.events import is_killed
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered


@pytest.fixture
def conflicted(world: World) -> World:
    """A project in which an update leaves a conflict, moves a folder and adds one."""
    world.release("1.0", {"a.txt": numbered(5), "old/c.txt": numbered(9), "old/deep/d.txt": numbered(9, l1="d")})
    moved = {"new/c.txt": numbered(9), "new/deep/d.txt": numbered(9, l1="d")}
    world.release("2.0", {"a.txt": numbered(5, l2="theirs"), "added/n.txt": "n\n", **moved})
    world.print("1.0")
    world.write("a.txt", numbered(5, l2="ours"))
    world.commit()
    return world


def taken_back(world: World) -> AbortResult:
    """Abort, and look that nothing is left to abort."""
    result = abort(world.project)
    with pytest.raises(NoUpdateError):
        abort(world.project)
    assert not [*world.top.glob(".copperplate-*")]
    return result


def kept(result: AbortResult, name: str) -> Path:
    assert result.kept is not None
    return result.kept / name


def test_a_file_that_has_become_a_folder(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    (conflicted.project / "a.txt").unlink()
    conflicted.write("a.txt/deep/part.txt", "mine\n")
    result = taken_back(conflicted)
    assert snapshot(conflicted.top) == before
    assert kept(result, "a.txt/deep/part.txt").read_text() == "mine\n"


@pytest.mark.parametrize("place", ["old", "old/deep"])
def test_a_folder_that_has_become_a_file(conflicted: World, place: str) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    conflicted.write(place, "mine\n")
    result = taken_back(conflicted)
    assert snapshot(conflicted.top) == before
    assert kept(result, place).read_text() == "mine\n"


def test_a_folder_that_has_become_a_file_and_a_file_in_it_of_the_same_name_are_both_kept(conflicted: World) -> None:
    conflicted.update()
    conflicted.write("a.txt", "mine\n")
    shutil.rmtree(conflicted.project / "new")
    conflicted.write("new", "a file now\n")
    before = snapshot(conflicted.top)
    result = taken_back(conflicted)
    assert kept(result, "a.txt").read_text() == "mine\n"
    assert snapshot(conflicted.top)["new"] == before["new"]


@pytest.mark.parametrize("place", ["new", "old", "added", "new/deep", "old/deep"])
def test_a_folder_that_has_become_a_link_out_of_the_project(conflicted: World, tmp_path: Path, place: str) -> None:
    before = snapshot(conflicted.top)
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("c.txt", "n.txt", "d.txt"):
        (outside / name).write_text("precious\n")
    there = snapshot(outside)
    conflicted.update()
    link = conflicted.project / place
    if link.exists():
        shutil.rmtree(link)
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    taken_back(conflicted)
    assert snapshot(outside) == there
    left = {name: found for name, found in snapshot(conflicted.top).items() if not name.startswith("new")}
    assert {name: found for name, found in left.items() if name != place or name in before} == before


def test_a_file_that_has_become_a_link_out_of_the_project(conflicted: World, tmp_path: Path) -> None:
    before = snapshot(conflicted.top)
    outside = tmp_path / "outside.txt"
    outside.write_text("precious\n")
    conflicted.update()
    for name in ("a.txt", "added/n.txt"):
        (conflicted.project / name).unlink()
        (conflicted.project / name).symlink_to(outside)
    taken_back(conflicted)
    assert snapshot(conflicted.top) == before
    assert outside.read_text() == "precious\n"


@pytest.mark.parametrize("name", ["n" * 244, "n" * 255, "ü" * 127])
def test_a_name_as_long_as_a_file_system_can_hold(conflicted: World, name: str) -> None:
    conflicted.release("3.0", {"a.txt": numbered(5, l2="theirs"), "added/n.txt": "n\n"})
    conflicted.git("mv", "old/c.txt", name)
    conflicted.commit()
    before = snapshot(conflicted.top)
    assert conflicted.update().state is State.CONFLICTS
    taken_back(conflicted)
    assert snapshot(conflicted.top) == before


def test_files_with_names_that_copperplate_uses(conflicted: World) -> None:
    for name in (
        "a.txt.copperplate",
        ".copperplate-landing/mine.txt",
        ".copperplate-0123456789abcdef/new/0",
        "a.txt.new",
    ):
        conflicted.write(name, "mine\n")
    before = snapshot(conflicted.top)
    conflicted.update()
    abort(conflicted.project)
    assert snapshot(conflicted.top) == before


def test_permissions_of_files_and_folders(conflicted: World) -> None:
    for name, mode in (("old", 0o700), ("old/deep", 0o2750), ("old/c.txt", 0o600), ("a.txt", 0o640)):
        (conflicted.project / name).chmod(mode)
    before = snapshot(conflicted.top)
    conflicted.update()
    taken_back(conflicted)
    assert snapshot(conflicted.top) == before


def test_an_empty_folder_in_the_way_is_removed_and_restored(conflicted: World) -> None:
    (conflicted.project / "added" / "n.txt" / "deep").mkdir(parents=True)
    (conflicted.project / "added" / "n.txt").chmod(0o700)
    before = snapshot(conflicted.top)
    conflicted.update()
    assert conflicted.read("added/n.txt") == "n\n"
    taken_back(conflicted)
    assert snapshot(conflicted.top) == before


def test_a_pipe_at_the_path_of_a_file_is_saved(conflicted: World) -> None:
    before = snapshot(conflicted.top)
    conflicted.update()
    (conflicted.project / "a.txt").unlink()
    os.mkfifo(conflicted.project / "a.txt")
    result = taken_back(conflicted)
    assert stat.S_ISFIFO(kept(result, "a.txt").lstat().st_mode)
    assert snapshot(conflicted.top) == before


@pytest.mark.parametrize(("mode", "expected"), [(0o600, 0o600), (0o664, 0o664), (0o400, 0o400)])
def test_a_file_that_the_template_changes_keeps_its_permissions(world: World, mode: int, expected: int) -> None:
    world.release("1.0", {"a.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs")})
    world.print("1.0")
    (world.project / "a.txt").chmod(mode)
    assert world.update().state is State.LANDED
    assert stat.S_IMODE((world.project / "a.txt").stat().st_mode) == expected


def continued(project: Path) -> None:
    resume(project, options=Options(verify=False), progress=Silent())


@pytest.mark.parametrize("go_on", [continued, abort])
def test_another_project_of_the_repository_is_refused(conflicted: World, go_on: Callable[[Path], object]) -> None:
    other = conflicted.project / "other"
    shutil.copytree(conflicted.project, other, ignore=shutil.ignore_patterns(".git"))
    conflicted.commit()
    conflicted.update()
    before = snapshot(conflicted.top)
    with pytest.raises(OtherUpdateError, check=with_fields(own=conflicted.project, project=other, is_moved=False)):
        go_on(other)
    assert snapshot(conflicted.top) == before
    taken_back(conflicted)


def test_the_project_of_the_update_was_moved(make_world: Callable[[str], World]) -> None:
    world = make_world("shop")
    world.release("1.0", {"a.txt": numbered(5)})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs")})
    world.project.mkdir()
    world.print("1.0")
    world.write("a.txt", numbered(5, l2="ours"))
    world.commit()
    world.update()
    before = world.git("rev-parse", "HEAD")
    moved = world.project.rename(world.top / "store")
    with pytest.raises(OtherUpdateError, check=with_fields(own=world.project, project=moved, is_moved=True)):
        continued(moved)
    assert world.git("rev-parse", "HEAD") == before
    abort(moved)
    assert world.read("a.txt") == numbered(5, l2="ours")


def test_the_folder_of_the_update_was_removed_after_a_kill(world: World) -> None:
    """`git clean` takes it, since it is not tracked: then the backups below `.git` are what there is."""
    world.release("1.0", {"a.txt": numbered(5), "gone.txt": "1\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs")})
    world.print("1.0")
    before = snapshot(world.top)
    assert is_killed(world.update, world.top, when=lambda event: "--refresh" in event.command)
    world.git("clean", "--quiet", "-d", "--force")
    taken_back(world)
    assert snapshot(world.top) == before
    assert world.status() == ""


def test_a_command_in_a_folder_that_the_update_removes_reports_its_result(
    world: World, monkeypatch: pytest.MonkeyPatch, copperplate: Callable[..., Ran]
) -> None:
    world.release("1.0", {"a.txt": numbered(5), "gone/b.txt": "1\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs")})
    world.print("1.0")
    monkeypatch.setattr(bundled, "released", lambda: world.versions)
    monkeypatch.chdir(world.project / "gone")
    ran = copperplate("update", "--no-verify")
    monkeypatch.chdir(world.top)
    assert ran.code == 0
    assert "committed as" in ran.stdout
