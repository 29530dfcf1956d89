"""Report of an update: it describes exactly the changes of the files."""

from pathlib import Path

from copperplate.update.result import Report
from testing.worlds import World, numbered


def conflicts(report: Report) -> list[tuple[str, str | None]]:
    return [(found.path, found.origin) for found in report.conflicts]


def test_a_conflict_in_a_file_that_the_template_moved_names_the_old_path(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20)})
    world.release("2.0", {"to/a.txt": numbered(20, l2="theirs")})
    world.print("1.0")
    world.write("a.txt", numbered(20, l2="ours"))
    world.commit()
    assert conflicts(world.update().report) == [("to/a.txt", "a.txt")]


def test_a_file_displaced_by_a_folder_names_the_old_path(world: World) -> None:
    world.release("1.0", {"a.txt": "1\n"})
    world.release("2.0", {"a.txt": "1\n", "own/b.txt": "b\n"})
    world.print("1.0")
    Path(world.project / "own").write_text("mine\n")
    world.commit()
    assert conflicts(world.update().report) == [("own~ours_your-project", "own")]
    assert world.read("own~ours_your-project") == "mine\n"


def test_a_file_moved_onto_a_file_of_the_user_names_the_old_path(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20)})
    world.release("2.0", {"b.txt": numbered(20)})
    world.print("1.0")
    world.write("b.txt", "mine\n")
    world.commit()
    assert conflicts(world.update().report) == [("b.txt", "a.txt")]


def test_a_moved_file_without_room_names_the_old_path(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20)})
    world.release("2.0", {"to": numbered(20)})
    world.print("1.0")
    world.write("a.txt", numbered(20, l2="ours"))
    world.write("to/own.txt", "mine\n")
    world.commit()
    assert conflicts(world.update().report) == [("to~theirs_template-2.0", "a.txt")]
    assert world.read("to~theirs_template-2.0") == numbered(20, l2="ours")


def test_a_moved_module_that_is_still_imported_is_reported_at_both_paths(world: World) -> None:
    world.release("1.0", {"src/shop/a.py": numbered(20), "src/shop/b.py": numbered(20, l0="b")})
    world.release("2.0", {"src/shop/to_a.py": numbered(20), "src/shop/to_b.py": numbered(20, l0="b")})
    world.print("1.0")
    world.write("src/shop/b.py", numbered(20, l0="b", l2="ours"))
    world.write("src/shop/mine.py", "from shop import a, b\n")
    world.commit()
    report = world.update().report
    assert conflicts(report) == [("src/shop/a.py", None), ("src/shop/b.py", None)]
    assert [(found.path, found.origin) for found in report.added] == [("src/shop/to_a.py", None)]
    assert [(found.path, found.origin) for found in report.merged] == [("src/shop/to_b.py", "src/shop/b.py")]
    assert world.read("src/shop/to_b.py") == numbered(20, l0="b", l2="ours")


def test_a_conflict_in_a_file_that_the_user_moved_is_reported_once(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20)})
    world.release("2.0", {"a.txt": numbered(20, l2="theirs")})
    world.print("1.0")
    (world.project / "a.txt").unlink()
    world.write("b.txt", numbered(20, l2="ours"))
    world.commit()
    report = world.update().report
    assert [found.path for found in report.conflicts] == ["b.txt"]
    assert report.merged == ()


def test_a_moved_file_with_equal_changes_counts_as_kept(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20)})
    world.release("2.0", {"a.txt": numbered(20, l2="both")})
    world.print("1.0")
    (world.project / "a.txt").unlink()
    world.write("b.txt", numbered(20, l2="both"))
    world.commit()
    report = world.update().report
    assert report.merged == ()
    assert [(kept.path, kept.origin) for kept in report.kept] == [("b.txt", "a.txt")]


def test_a_file_that_git_follows_only_in_the_merge_is_reported(world: World) -> None:
    similar = {f"l{number}": f"other {number}" for number in range(6)}
    world.release("1.0", {"a.txt": numbered(20), "z.txt": numbered(20, **similar)})
    world.release("2.0", {"a.txt": numbered(20, l19="theirs"), "z.txt": numbered(20, **similar)})
    world.print("1.0")
    for name in "az":
        (world.project / f"{name}.txt").unlink()
    world.write("mine.txt", numbered(20, **similar, l10="mine"))
    world.commit()
    report = world.update().report
    assert world.read("mine.txt") == numbered(20, **similar, l10="mine", l19="theirs")
    assert [found.path for found in report.merged] == ["mine.txt"]


def test_each_of_several_equal_files_has_its_own_old_path(world: World) -> None:
    world.release("1.0", {f"src/{{{{ package_name }}}}/{name}.py": numbered(9, l0=name) for name in "abc"})
    world.print("1.0")
    own = ("x.py", "y.py", "z.py")
    for path in own:
        world.write(f"src/shop/{path}", "mine = 1\n")
    world.commit()
    report = world.update(stay=True, data=("package_name=store",)).report
    assert conflicts(report) == [(f"src/store/{path}", f"src/shop/{path}") for path in own]
    assert report.deleted == ()


def test_each_conflict_has_a_sentence_about_both_sides(world: World) -> None:
    files = {f"{name}.txt": numbered(20, l0=name) for name in "abcd"}
    world.release("1.0", files)
    world.release("2.0", {"b2.txt": files["b.txt"], "d.txt": b"\0theirs"})
    world.print("1.0")
    world.write("a.txt", numbered(20, l0="a", l9="mine"))
    world.git("mv", "b.txt", "b1.txt")
    world.git("mv", "c.txt", "c1.txt")
    world.write("d.txt", b"\0mine")
    world.commit()
    said = {found.path: (found.kind, found.detail) for found in world.update(dry_run=True).report.conflicts}
    apart = "you and the template have moved it to different places"
    assert said == {
        "a.txt": ("modify/delete", "the template has deleted or moved it, and you have changed it"),
        "b.txt": ("rename/rename", apart),
        "b1.txt": ("rename/rename", "you have moved it here, and the template elsewhere"),
        "b2.txt": ("rename/rename", "the template has moved it here, and you elsewhere"),
        "c1.txt": ("rename/delete", "you have moved it, and the template has deleted it"),
        "d.txt": (
            "binary",
            "you and the template have changed a file that is not merged as text; your version is in place",
        ),
    }


def test_a_file_in_a_moved_folder_says_that_it_was_moved_along(world: World) -> None:
    module = "src/{{ package_name }}/a.py"
    world.release("1.0", {module: numbered(20), "src/{{ package_name }}/b.py": numbered(20, l0="b")})
    world.print("1.0")
    world.write("src/shop/own.py", "mine\n")
    world.commit()
    (found,) = world.update(stay=True, data=("package_name=store",), dry_run=True).report.conflicts
    assert (found.path, found.kind) == ("src/store/own.py", "directory rename suggested")
    assert found.detail == "it is your file, in a folder that the template has moved; so it was moved here"
