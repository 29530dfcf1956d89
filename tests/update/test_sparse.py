"""Sparse checkouts: what git leaves out of the work tree stays out of it, but for conflicts."""

from collections.abc import Callable

import pytest

from copperplate import compare
from copperplate.commands.update import abort, resume
from copperplate.errors.updates import InTheWayError
from copperplate.progress import Silent
from copperplate.system.disk import File
from copperplate.update.result import Options, State
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered

CONE = ("--cone", "conf")
NO_CONE = ("--no-cone", "/*", "!/dir/", "!/other/", "/other/in/")


def make_sparse(world: World, *patterns: str) -> None:
    """A project whose folder `dir` is not in the work tree; the template changes it, and adds files elsewhere."""
    one = {"a.txt": "1\n", "conf/x.txt": "x\n", "dir/c.txt": numbered(25), "dir/d.txt": "d\n", "dir/e.txt": "e\n"}
    two = {**one, "dir/c.txt": numbered(25, l20="theirs"), "dir/d.txt": "d 2\n", "conf/new.txt": "new\n"}
    del two["dir/e.txt"]
    world.release("1.0", one)
    world.release("2.0", {**two, "other/out.txt": "out\n", "other/in/new.txt": "in\n", "top.txt": "top\n"})
    world.print("1.0")
    world.write("dir/c.txt", numbered(25, l20="ours"))
    world.commit()
    world.git("sparse-checkout", "set", *patterns)
    assert not (world.project / "dir").exists()


def marked(world: World) -> set[str]:
    """The paths that are marked as not being in the work tree."""
    return {line[2:] for line in world.git("ls-files", "-t").splitlines() if line.startswith("S ")}


@pytest.mark.parametrize("index", ["--sparse-index", "--no-sparse-index"])
@pytest.mark.parametrize("patterns", [CONE, NO_CONE])
def test_a_conflict_outside_the_sparse_checkout_is_checked_out_and_can_be_resolved(
    world: World, patterns: tuple[str, ...], index: str
) -> None:
    make_sparse(world, *(patterns if patterns is NO_CONE else (patterns[0], index, *patterns[1:])))
    outside = {"other/out.txt"} if patterns is NO_CONE else {"other/out.txt", "other/in/new.txt"}
    result = world.update()
    assert [found.path for found in result.report.conflicts] == ["dir/c.txt"]
    assert "<<<<<<< ours" in world.read("dir/c.txt")
    assert marked(world) == {"dir/d.txt"} | outside
    assert not {path for path in marked(world) if (world.project / path).exists()}
    assert world.read("conf/new.txt") == "new\n"
    assert "UU dir/c.txt" in world.status()
    assert not [line for line in world.status().splitlines() if line[1] not in " U"]
    world.write("dir/c.txt", numbered(25, l20="both"))
    world.git("add", "--sparse", "dir/c.txt")
    assert resume(world.project, options=Options(verify=False), progress=Silent()).state is State.LANDED
    assert world.status() == ""
    world.git("sparse-checkout", "disable")
    assert world.read("dir/d.txt") == "d 2\n"
    assert not (world.project / "dir/e.txt").exists()
    assert world.status() == ""


@pytest.mark.parametrize("patterns", [CONE, NO_CONE])
def test_an_abort_restores_the_sparse_checkout(world: World, patterns: tuple[str, ...]) -> None:
    make_sparse(world, *patterns)
    before, index = snapshot(world.top), (world.top / ".git" / "index").read_bytes()
    assert world.update().state is State.CONFLICTS
    world.write("dir/c.txt", numbered(25, l20="both"))
    world.git("add", "--sparse", "dir/c.txt")
    abort(world.project)
    assert snapshot(world.top) == before
    assert (world.top / ".git" / "index").read_bytes() == index
    assert world.status() == ""


@pytest.mark.parametrize("index", ["--sparse-index", "--no-sparse-index"])
def test_files_that_are_left_out_do_not_count_as_deleted(make_world: Callable[..., World], index: str) -> None:
    world = make_world("services/shop")
    make_sparse(world, "--cone", index, "services/shop/conf")
    folder = world.top.parent / "rendered"
    world.render("1.0", folder)
    rendered = {path: File(0o644, content) for path, (mode, content) in snapshot(folder).items() if mode & 0o100000}
    found = compare.between(rendered, compare.project_files(world.project, rendered))
    assert found == compare.Differences(changed=("dir/c.txt",))


def test_a_file_at_the_path_of_a_left_out_new_file_is_in_the_way(world: World) -> None:
    make_sparse(world, *CONE)
    world.write("other/out.txt", "mine\n")
    with pytest.raises(InTheWayError, check=with_fields(obstacle="untracked", paths=["other/out.txt"])):
        world.update()
    assert world.read("other/out.txt") == "mine\n"


def test_a_project_in_a_part_of_the_repository_is_updated(make_world: Callable[..., World]) -> None:
    world = make_world("services/shop")
    (world.top / "far").mkdir()
    (world.top / "far" / "x.txt").write_text("x\n")
    world.release("1.0", {"a.txt": "1\n"})
    world.release("2.0", {"a.txt": "2\n", "b/c.txt": "c\n"})
    world.print("1.0")
    world.git("sparse-checkout", "set", "--cone", "services")
    assert world.update().state is State.LANDED
    assert world.read("b/c.txt") == "c\n"
    assert marked(world) == {"far/x.txt"}


@pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
def test_a_marked_file_is_updated_and_keeps_its_mark_unless_it_is_edited(world: World, mark: str) -> None:
    world.release("1.0", {"a.txt": "1\n"})
    world.release("2.0", {"a.txt": "2\n"})
    world.print("1.0")
    world.git("update-index", f"--{mark}", "a.txt")
    world.write("a.txt", "mine\n")
    with pytest.raises(InTheWayError, check=with_fields(obstacle="marked", paths=["a.txt"])) as refused:
        world.update()
    assert f"git update-index --no-{mark} a.txt" in refused.value.hint
    assert world.read("a.txt") == "mine\n"
    world.write("a.txt", "1\n")
    assert world.update().state is State.LANDED
    assert world.read("a.txt") == "2\n"
    tag = {"skip-worktree": "S", "assume-unchanged": "h"}[mark]
    assert f"{tag} a.txt" in world.git("ls-files", "-v")
    world.git("diff-files", "--quiet")
