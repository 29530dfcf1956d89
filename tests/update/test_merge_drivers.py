"""Attributes that say how git merges a file are heeded, wherever they are; a real `git merge` is the measure."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.update import abort, resume
from copperplate.progress import Silent
from copperplate.update.result import Options, State
from testing.snapshots import snapshot
from testing.worlds import World, numbered

APART = {"old": numbered(25), "ours": numbered(25, l3="ours"), "theirs": numbered(25, l20="theirs")}
TOGETHER = {"old": numbered(25), "ours": numbered(25, l20="ours"), "theirs": numbered(25, l20="theirs")}
NAMES = ("a.txt", "docs/b.txt", "docs/*odd [x] \\ .txt", "!bang é\n.txt")


def versions(side: str) -> dict[str, str]:
    apart = {f"apart/{name}": APART[side] for name in NAMES}
    return apart | {f"together/{name}": TOGETHER[side] for name in NAMES} | {"same.txt": TOGETHER["old"]}


def prepared(world: World) -> World:
    world.project.mkdir(parents=True, exist_ok=True)
    world.release("1.0", versions("old"))
    world.release("2.0", versions("theirs"))
    world.print("1.0")
    for path, content in versions("ours").items():
        world.write(path, content)
    world.commit("ours")
    return world


def merged_by_git(world: World, clone: Path) -> tuple[dict[str, bytes], set[str]]:
    """The files after a real merge of the two versions in a copy of the repository, and those in conflict."""
    shutil.copytree(world.top, clone, symlinks=True)

    def git(*arguments: str, code: int | None = 0) -> str:
        done = subprocess.run(["git", *arguments], check=False, cwd=clone, capture_output=True, text=True)  # noqa: S607
        assert code is None or done.returncode == code, done.stderr
        return done.stdout

    project = clone / world.project.relative_to(world.top)
    ours = git("rev-parse", "HEAD").strip()
    git("checkout", "--quiet", "--detach")
    for path, content in versions("old").items():
        (project / path).write_text(content)
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message=old")
    old = git("rev-parse", "HEAD").strip()
    for path, content in versions("theirs").items():
        (project / path).write_text(content)
    git("add", "--all")
    git("commit", "--quiet", "--message=theirs")
    theirs = git("rev-parse", "HEAD").strip()
    tree = git("rev-parse", f"{ours}^{{tree}}").strip()
    based = git("commit-tree", tree, "-p", old, "-m", "ours").strip()
    git("checkout", "--quiet", "--detach", based)
    git("merge", "--quiet", "--no-edit", theirs, code=None)
    left = {path for path in git("diff", "--name-only", "--diff-filter=U", "-z").split("\0") if path}
    prefix = project.relative_to(clone).as_posix()
    return {path: (project / path).read_bytes() for path in versions("old")}, {
        path.removeprefix(f"{prefix}/") for path in left
    }


def in_root(world: World, lines: str) -> None:
    (world.top / ".gitattributes").write_text(lines)


def in_folder(world: World, lines: str) -> None:
    for folder in ("apart", "together/docs"):
        world.write(f"{folder}/.gitattributes", lines)


def in_info(world: World, lines: str) -> None:
    (world.top / ".git" / "info").mkdir(exist_ok=True)
    (world.top / ".git" / "info" / "attributes").write_text(lines)


def in_home(world: World, lines: str) -> None:
    file = world.top.parent / "attributes"
    file.write_text(lines)
    world.git("config", "core.attributesFile", str(file))


@pytest.fixture(params=["", "services/shop"])
def shop(request: pytest.FixtureRequest, make_world: Callable[[str], World]) -> World:
    return prepared(make_world(request.param))


LINES = (
    "*.txt -merge\n",
    "*.txt binary\n",
    "*.txt merge=binary\n",
    "*.txt merge=union\n",
    "*.txt merge=text\n",
    "*.txt merge=nobody-has-defined-it\n",
    "*.txt -text\n",
    "*.txt conflict-marker-size=12\n",
    "/apart/** -merge\nb.txt merge\n",
)
MIXED = "* -merge\na.txt merge=union\n"


@pytest.mark.parametrize(
    ("place", "lines"),
    [*((in_root, lines) for lines in LINES), *((place, MIXED) for place in (in_root, in_folder, in_info, in_home))],
)
def test_a_file_is_merged_as_by_git_merge(
    shop: World, place: Callable[[World, str], None], lines: str, tmp_path: Path
) -> None:
    place(shop, lines)
    if shop.status():
        shop.commit("attributes")
    contents, conflicts = merged_by_git(shop, tmp_path / "clone")
    result = shop.update()
    assert {found.path for found in result.report.conflicts} == conflicts
    names = (b"ours/your-project", b"theirs/template-2.0")
    for path, content in contents.items():
        mine = (shop.project / path).read_bytes()
        lines_of = [[line for line in text.splitlines() if line[:1] not in b"<>"] for text in (mine, content)]
        assert lines_of[0] == lines_of[1], path
        assert all(name not in mine or path in conflicts for name in names)


def test_a_whole_file_in_conflict_keeps_the_users_version_and_git_checkout_gives_either(shop: World) -> None:
    in_root(shop, "*.txt -merge\n")
    shop.commit("attributes")
    before = snapshot(shop.top)
    assert shop.update().state is State.CONFLICTS
    assert shop.read("apart/a.txt") == APART["ours"]
    abort(shop.project)
    assert snapshot(shop.top) == before
    conflicts = [found.path for found in shop.update().report.conflicts]
    for path in conflicts:
        shop.git("checkout", "--theirs", "--", f":(literal){(shop.project / path).relative_to(shop.top)}")
    shop.git("add", "--all")
    assert resume(shop.project, options=Options(verify=False), progress=Silent()).state is State.LANDED
    assert shop.read("apart/a.txt") == APART["theirs"]


def test_a_driver_program_is_not_run_and_the_file_is_a_conflict(shop: World, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    in_root(shop, "a.txt merge=mine\n")
    shop.commit("attributes")
    shop.git("config", "merge.mine.driver", f"touch {ran}")
    result = shop.update()
    assert not ran.exists()
    assert "apart/a.txt" in {found.path for found in result.report.conflicts if found.kind == "binary"}
    assert shop.read("apart/a.txt") == APART["ours"]
    assert shop.read("apart/docs/b.txt") == numbered(25, l3="ours", l20="theirs")


def test_a_driver_that_is_the_default_is_not_run_either(shop: World, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    shop.git("config", "merge.mine.driver", f"touch {ran}")
    shop.git("config", "merge.default", "mine")
    result = shop.update()
    assert not ran.exists()
    assert {found.path for found in result.report.conflicts} == versions("old").keys() - {"same.txt"}


def test_other_line_ends_alone_are_a_change_of_a_whole_file(shop: World) -> None:
    for name in ("a.txt", "docs/b.txt"):
        shop.write(f"apart/{name}", APART["old"].replace("\n", "\r\n"))
    in_root(shop, "a.txt binary\n")
    shop.commit("line ends")
    assert "apart/a.txt" in {found.path for found in shop.update().report.conflicts}
    assert shop.read("apart/docs/b.txt") == APART["theirs"].replace("\n", "\r\n")


def test_a_list_in_a_file_of_union_has_the_lines_of_both_sides(world: World) -> None:
    """As git merges it, though by element there would be a conflict."""
    world.release("1.0", {"c.yaml": "a: 1\nb: 2\nc: 3\n"})
    world.release("2.0", {"c.yaml": "a: 1\nu: theirs\nb: 2\nc: 3\n"})
    world.print("1.0")
    world.write("c.yaml", "a: 1\nb: 2\nc: 3\nu: ours\n")
    world.write(".gitattributes", "c.yaml merge=union\n")
    world.commit()
    assert world.update().state is State.LANDED
    assert world.read("c.yaml") == "a: 1\nu: theirs\nb: 2\nc: 3\nu: ours\n"


def test_a_moved_file_has_the_attribute_of_its_new_path(world: World) -> None:
    world.release("1.0", {"a.txt": APART["old"]})
    world.release("2.0", {"a.txt": APART["theirs"]})
    world.print("1.0")
    (world.project / "b.txt").write_text(APART["ours"])
    (world.project / "a.txt").unlink()
    world.write(".gitattributes", "b.txt -merge\n")
    world.commit()
    assert [found.path for found in world.update().report.conflicts] == ["b.txt"]
