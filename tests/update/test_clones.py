"""Partial and shallow clones, and repositories at unusual paths."""

import subprocess
from pathlib import Path

import pytest

from copperplate.commands.update import abort, resume
from copperplate.errors import ExitCode
from copperplate.errors.updates import MissingObjectsError
from copperplate.progress import Silent
from copperplate.update.result import Options, State
from testing.errors import with_fields
from testing.git import git
from testing.worlds import World, numbered

ONE = {"a.txt": numbered(25), "dir/c.txt": numbered(25), "dir/deep/d.txt": "d\n", "gone.txt": numbered(9)}
TWO = {
    "a.txt": numbered(25, l20="theirs"),
    "dir/c.txt": numbered(25, l20="theirs"),
    "dir/deep/d.txt": "d\n",
    "new.txt": "n\n",
}
ODD_NAMES = ["new\nline", 'quo"te', "back\\slash", "trailing ", "\n", "#hash", "caf\udce9", "tab\t", "-dash", "'"]


def make_origin(world: World, place: str = "") -> None:
    """A repository that can be cloned in part; the project has edits of its own."""
    world.release("1.0", ONE)
    world.release("2.0", TWO)
    world.print("1.0")
    world.write("dir/c.txt", numbered(25, l3="ours"))
    (world.top / f"{place}neighbour.txt").write_text("n\n")
    world.commit()
    world.write("a.txt", numbered(25, l10="ours"))
    world.commit()
    for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        world.git("config", setting, "true")


def clone(world: World, folder: Path, *options: str) -> World:
    world.git("clone", "--quiet", *options, world.top.as_uri(), str(folder))
    return World(folder, folder / world.project.relative_to(world.top), world.versions)


def assert_updated(cloned: World) -> None:
    assert cloned.update().state is State.LANDED
    assert (
        cloned.git("show", f"HEAD:./{cloned.project.relative_to(cloned.top)}/dir/c.txt")
        == numbered(25, l3="ours", l20="theirs").strip()
    )
    assert cloned.status() == ""


@pytest.mark.parametrize("options", [(), ("--sparse",), ("--no-checkout",)])
@pytest.mark.parametrize("kind", ["blob:none", "tree:0", "blob:limit=10"])
@pytest.mark.parametrize("place", ["", "services/shop"])
def test_a_partial_clone_fetches_missing_objects(
    make_world: object, tmp_path: Path, place: str, kind: str, options: tuple[str, ...]
) -> None:
    world = make_world(place)  # type: ignore[operator]  # the fixture
    make_origin(world)
    cloned = clone(world, tmp_path / "clone", f"--filter={kind}", *options)
    if "--no-checkout" in options:
        cloned.git("sparse-checkout", "set", "--cone", *([place] if place else []))
        cloned.git("checkout", "--quiet")
    elif "--sparse" in options and place:
        cloned.git("sparse-checkout", "add", place)
    assert_updated(cloned)


def test_a_partial_clone_without_its_remote_is_refused_with_the_command_that_fetches(
    world: World, tmp_path: Path
) -> None:
    make_origin(world)
    cloned = clone(world, tmp_path / "clone", "--filter=blob:none", "--sparse")
    world.top.rename(tmp_path / "away")
    with pytest.raises(MissingObjectsError, check=with_fields(count=2, remotes=["origin"])) as refused:
        cloned.update()
    assert cloned.status() == ""
    (tmp_path / "away").rename(world.top)
    command = refused.value.hint.rpartition(": ")[2]
    subprocess.run(command.split(), cwd=cloned.top, check=True, capture_output=True)
    world.top.rename(tmp_path / "away")
    assert_updated(cloned)


def test_conflicts_in_a_partial_clone_are_resolved_or_taken_back(world: World, tmp_path: Path) -> None:
    make_origin(world)
    world.write("dir/c.txt", numbered(25, l20="ours"))
    world.commit()
    cloned = clone(world, tmp_path / "clone", "--filter=tree:0", "--sparse")
    assert cloned.update().exit_code == ExitCode.CONFLICTS
    abort(cloned.project)
    assert cloned.status() == ""
    assert cloned.update().exit_code == ExitCode.CONFLICTS
    cloned.write("dir/c.txt", numbered(25, l20="both"))
    cloned.git("add", "--sparse", "dir/c.txt")
    assert resume(cloned.project, options=Options(verify=False), progress=Silent()).state is State.LANDED
    assert cloned.status() == ""


def test_a_shallow_clone_is_updated(world: World, tmp_path: Path) -> None:
    make_origin(world)
    cloned = clone(world, tmp_path / "clone", "--depth=1")
    assert_updated(cloned)
    assert cloned.git("rev-list", "--count", "HEAD") == "2"


def test_a_clone_with_chained_alternates_is_updated(world: World, tmp_path: Path) -> None:
    make_origin(world)
    folder = world.top
    for number in range(4):
        git("clone", "--quiet", "--shared", folder, tmp_path / f"{number}", cwd=tmp_path)
        folder = tmp_path / f"{number}"
    assert_updated(World(folder, folder, world.versions))


def test_a_work_tree_of_a_partial_clone_is_updated(world: World, tmp_path: Path) -> None:
    make_origin(world)
    cloned = clone(world, tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    cloned.git("worktree", "add", "--quiet", "--no-checkout", str(tmp_path / "linked"))
    linked = World(tmp_path / "linked", tmp_path / "linked", world.versions)
    linked.git("reset", "--quiet", "--hard")
    assert_updated(linked)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_repository_at_an_unusual_path_is_updated(world: World, tmp_path: Path, name: str) -> None:
    make_origin(world)
    world.write("a.txt", numbered(25, l20="ours"))
    world.commit()
    top = tmp_path / name / name
    top.parent.mkdir()
    world.top.rename(top)
    moved = World(top, top, world.versions)
    assert moved.update().exit_code == ExitCode.CONFLICTS
    abort(top)
    assert moved.status() == ""
    assert moved.update().exit_code == ExitCode.CONFLICTS
    moved.write("a.txt", numbered(25, l20="both"))
    moved.git("add", "a.txt")
    assert resume(top, options=Options(verify=False), progress=Silent()).state is State.LANDED
    assert moved.status() == ""
    assert moved.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"
