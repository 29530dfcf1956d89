"""Files of the user's that stay, although a merge alone would drop them."""

from pathlib import Path

import pytest

from copperplate.commands.update import resume
from copperplate.progress import Silent
from copperplate.update.result import FileChange, Options, State
from testing.worlds import World, numbered


def test_two_files_of_the_user_that_cannot_be_merged_both_stay(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20), "b.txt": numbered(20, l0="b"), "c.txt": numbered(20, l0="c")})
    world.release("2.0", {f"to/{name}.txt": numbered(20, l0=name, l19="theirs") for name in "bc"} | {"a": numbered(20)})
    world.print("1.0")
    world.write("a.txt", b"\0mine")
    world.write("a", "also mine\n")
    world.write("b.txt", numbered(20, l0="b", l9="mine"))
    world.write("to/b.txt", b"\0also mine")
    world.write("to/c.txt", b"\0mine alone")
    world.commit()
    report = world.update().report
    assert [(found.path, found.origin) for found in report.conflicts] == [
        ("a", None),
        ("to/b.txt", None),
        ("to/c.txt", "c.txt"),
    ]
    assert report.conflicts[0].kind == "moved onto yours"
    assert "yours stays where it is" in report.conflicts[0].detail
    assert (world.project / "a.txt").read_bytes() == b"\0mine"
    assert world.read("a") == "also mine\n"
    assert world.read("b.txt") == numbered(20, l0="b", l9="mine")
    assert (world.project / "to/b.txt").read_bytes() == b"\0also mine"
    assert not (world.project / "c.txt").exists()
    assert world.git("show", ":3:to/b.txt").endswith("theirs")
    assert world.git("show", ":2:to/b.txt") == "\0also mine"


def test_a_module_that_the_users_code_imports_is_not_deleted_silently(world: World) -> None:
    world.release("1.0", {"src/shop/__init__.py": "", "src/shop/old.py": "x = 1\n", "src/shop/other.py": "y = 1\n"})
    world.release("2.0", {"src/shop/__init__.py": ""})
    world.print("1.0")
    world.write("src/shop/mine.py", "from . import old\n")
    world.commit()
    result = world.update()
    assert [(found.path, found.kind) for found in result.report.conflicts] == [("src/shop/old.py", "imported")]
    assert result.report.conflicts[0].detail == "the template no longer has it; used by src/shop/mine.py"
    assert world.read("src/shop/old.py") == "x = 1\n"
    assert not (world.project / "src/shop/other.py").exists()


def test_a_module_that_a_kept_module_imports_is_kept_too(world: World) -> None:
    package = "src/shop/__init__.py"
    gone = {
        "src/shop/old/__init__.py": "",
        "src/shop/old/router.py": "from shop.old.service import x\n",
        "src/shop/old/service.py": "from . import models\n",
        "src/shop/old/models.py": "from shop.old import router\n",
        "src/shop/old/alone.py": "from shop.old import models\n",
    }
    world.release("1.0", {package: "", **gone})
    world.release("2.0", {package: ""})
    world.print("1.0")
    world.write("src/shop/mine.py", "from shop.old.router import x\n")
    world.commit()
    result = world.update()
    by = {found.path.rpartition("/")[2]: found.detail.rpartition(" ")[2] for found in result.report.conflicts}
    assert by == {
        "__init__.py": "src/shop/mine.py",
        "router.py": "src/shop/mine.py",
        "service.py": "src/shop/old/router.py",
        "models.py": "src/shop/old/service.py",
    }
    assert {found.kind for found in result.report.conflicts} == {"imported"}
    assert [change.path for change in result.report.deleted] == ["src/shop/old/alone.py"]
    assert world.read("src/shop/old/models.py") == gone["src/shop/old/models.py"]


def test_an_imported_module_stays_beside_the_folder_that_replaces_it(world: World) -> None:
    world.release("1.0", {"src/shop/old.py": "x = 1\n"})
    world.release("2.0", {"src/shop/old.py/inner": numbered(9)})
    world.print("1.0")
    world.write("src/shop/mine.py", "from . import old\n")
    world.write("src/shop/old.py~ours_your-project", "mine\n")
    world.commit()
    report = world.update().report
    beside = "src/shop/old.py~ours_your-project"
    assert [(found.path, found.origin) for found in report.conflicts] == [(f"{beside}_0", "src/shop/old.py")]
    assert world.read(f"{beside}_0") == "x = 1\n"
    assert world.read(beside) == "mine\n"
    assert world.read("src/shop/old.py/inner") == numbered(9)


def test_files_of_the_user_stay_beside_files_of_the_template_at_their_path(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20), "in/b.txt": numbered(20, l0="b")})
    world.release("2.0", {"to/a": numbered(20), "a.txt/own": "new\n", "to/b": numbered(20, l0="b"), "in": "a file\n"})
    world.print("1.0")
    for name in ("a", "b"):
        world.write(f"to/{name}", f"own {name}\n")
    world.write("a.txt", b"\0a")
    world.write("in/b.txt", b"\0b")
    world.commit()
    report = world.update().report
    assert [(found.path, found.origin) for found in report.conflicts] == [
        ("a.txt~ours_your-project", "a.txt"),
        ("in_b.txt~ours_your-project", "in/b.txt"),
        ("to/a", "a.txt"),
        ("to/b", "in/b.txt"),
    ]
    assert (world.project / "a.txt~ours_your-project").read_bytes() == b"\0a"
    assert (world.project / "in_b.txt~ours_your-project").read_bytes() == b"\0b"
    assert world.read("to/a") == "own a\n"
    assert world.read("a.txt/own") == "new\n"
    assert world.read("in") == "a file\n"


def test_a_link_of_the_user_stays_beside_the_folder_that_replaces_it(world: World) -> None:
    world.release("1.0", {"a.bin": b"\0one"})
    world.release("2.0", {"a.bin/inner": b"\0one"})
    world.print("1.0")
    (world.project / "a.bin").unlink()
    (world.project / "a.bin").symlink_to("mine")
    world.commit()
    report = world.update().report
    beside = "a.bin~ours_your-project"
    assert [(found.path, found.origin) for found in report.conflicts] == [("a.bin/inner", "a.bin"), (beside, "a.bin")]
    assert (world.project / beside).readlink() == Path("mine")


def test_a_file_that_cannot_be_merged_is_moved_with_the_template_to_a_free_path(world: World) -> None:
    world.release("1.0", {"a.bin": numbered(20)})
    world.release("2.0", {"to/a.bin": numbered(20, l2="theirs")})
    world.print("1.0")
    world.write("a.bin", b"\0mine")
    world.commit()
    report = world.update().report
    assert [(found.path, found.origin) for found in report.conflicts] == [("to/a.bin", "a.bin")]
    assert (world.project / "to/a.bin").read_bytes() == b"\0mine"
    assert not (world.project / "a.bin").exists()


def test_a_file_whose_folder_is_a_file_of_the_template_stays_beside_it_when_the_package_is_renamed(
    world: World,
) -> None:
    package = "src/{{ package_name }}"
    world.release("1.0", {f"{package}/{name}": numbered(9, l0=name) for name in ("a.py", "b.py", "c.py")})
    world.print("1.0")
    (world.project / "src/shop/a.py").rename(world.project / "src/shop/mine.py")
    world.write("src/shop/a.py/own.txt", "mine\n")
    world.commit()
    report = world.update(stay=True, data=("package_name=store",)).report
    beside = "src_store_a.py_own.txt~ours_your-project"
    assert (beside, "src/shop/a.py/own.txt") in [(found.path, found.origin) for found in report.conflicts]
    assert world.read(beside) == "mine\n"


@pytest.mark.parametrize("edited", [numbered(25, l10="mine"), "mine\n", numbered(24)], ids=["edited", "a shim", "cut"])
@pytest.mark.parametrize("coming", [numbered(25), numbered(25, l20="theirs")], ids=["moved", "moved and changed"])
def test_a_changed_file_stays_if_the_template_moves_it_onto_a_copy_in_the_project(
    world: World, edited: str, coming: str
) -> None:
    world.release("1.0", {"a.txt": numbered(25)})
    world.release("2.0", {"to/b.txt": coming})
    world.print("1.0")
    world.write("to/b.txt", coming)
    world.write("a.txt", edited)
    world.commit()
    result = world.update()
    assert [(found.path, found.kind) for found in result.report.conflicts] == [("a.txt", "modify/delete")]
    assert world.read("a.txt") == edited
    assert world.read("to/b.txt") == coming
    assert world.git("show", ":1:a.txt") == numbered(25).strip()


def test_a_file_with_changed_permissions_is_not_dropped(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(25)})
    world.release("2.0", {"to/b.txt": numbered(25)})
    world.print("1.0")
    world.write("to/b.txt", numbered(25))
    (world.project / "a.txt").chmod(0o755)
    world.commit()
    assert [found.path for found in world.update().report.conflicts] == ["a.txt"]


def test_a_changed_file_is_moved_if_the_template_has_made_the_same_changes(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(25)})
    world.release("2.0", {"to/b.txt": numbered(25, l10="both", l20="theirs")})
    world.print("1.0")
    world.write("to/b.txt", numbered(25, l10="both", l20="theirs"))
    world.write("a.txt", numbered(25, l10="both"))
    world.commit()
    assert world.update().state is State.LANDED
    assert not (world.project / "a.txt").exists()


def test_a_displaced_file_has_a_name_within_the_limit_of_file_systems(world: World) -> None:
    name = "ü" * 124
    world.release("1.0", {name: numbered(25)})
    world.release("2.0", {f"{name}/b.txt": "theirs\n"})
    world.print("1.0")
    world.write(name, "mine\n")
    world.commit()
    (conflict,) = world.update().report.conflicts
    assert world.read(conflict.path) == "mine\n"


@pytest.mark.parametrize("changed", [False, True])
def test_a_link_at_the_path_of_a_moved_file_is_a_conflict_and_not_kept_deleted(world: World, *, changed: bool) -> None:
    world.release("1.0", {"c.txt": numbered(25), "other.txt": "1\n"})
    world.release("2.0", {"d.txt": numbered(25, **({"l4": "theirs"} if changed else {})), "other.txt": "2\n"})
    world.print("1.0")
    (world.project / "c.txt").rename(world.project / "cc.txt")
    (world.project / "c.txt").symlink_to("cc.txt")
    world.commit()
    report = world.update().report
    assert report.kept_deleted == ()
    assert [(found.path, found.detail) for found in report.conflicts] == [
        ("d.txt", "the template has moved c.txt here, and you have made another kind of file of c.txt")
    ]
    assert (world.project / "c.txt").readlink() == Path("cc.txt")
    assert world.read("c.txt") == numbered(25)
    world.git("rm", "--quiet", "--force", "d.txt")
    assert resume(world.project, options=Options(verify=False), progress=Silent()).state is State.LANDED


def test_a_file_that_is_kept_deleted_is_reported_by_its_old_path(world: World) -> None:
    world.release("1.0", {"c.txt": numbered(25), "other.txt": "1\n"})
    world.release("2.0", {"d.txt": numbered(25), "other.txt": "2\n"})
    world.print("1.0")
    (world.project / "c.txt").unlink()
    world.commit()
    assert world.update().report.kept_deleted == (FileChange("d.txt", origin="c.txt"),)


def test_a_deleted_file_that_the_template_moves_onto_a_link_is_kept_deleted(
    world: World,
) -> None:
    world.release("1.0", {"c.txt": numbered(25), "other.txt": "1\n"})
    world.release("2.0", {"d.txt": numbered(25), "other.txt": "2\n"})
    world.print("1.0")
    (world.project / "c.txt").unlink()
    (world.project / "d.txt").symlink_to("other.txt")
    world.commit()
    result = world.update()
    assert result.state is State.LANDED
    assert result.report.conflicts == ()
    assert result.report.kept_deleted == (FileChange("d.txt", origin="c.txt"),)
    assert (world.project / "d.txt").readlink() == Path("other.txt")
