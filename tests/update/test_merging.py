"""Merge of each file: whose version is in the result."""

import time

import pytest

from copperplate.commands.update import resume
from copperplate.errors import ExitCode
from copperplate.errors.updates import ConflictsLeftError
from copperplate.progress import Silent
from copperplate.update.result import Options, State
from copperplate.update.transaction import Stage
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, lines, numbered


def paths(changes: object) -> list[str]:
    return [change.path for change in changes]  # type: ignore[attr-defined]


def test_an_unchanged_project_becomes_the_new_rendering(world: World) -> None:
    world.release("1.0", {"a.txt": "one\n", "gone.txt": "x\n" * 9, "old/b.txt": numbered(30), "run.sh": "#!/bin/sh\n"})
    world.release("2.0", {"a.txt": "two\n", "new/b.txt": numbered(30, l4="changed"), "run.sh": "#!/bin/sh\n", "c": "c"})
    world.print("1.0")
    result = world.update()
    assert result.state is State.LANDED
    world.render("2.0", world.top.parent / "fresh")
    assert snapshot(world.project) == snapshot(world.top.parent / "fresh")
    assert world.status() == ""
    assert world.git("log", "--format=%s %an") == "Update template from 1.0 to 2.0 Ada\nprint Ada"
    assert paths(result.report.updated) == [".copier-answers.yml", "a.txt"]
    assert paths(result.report.added) == ["c"]
    assert paths(result.report.deleted) == ["gone.txt"]
    assert [(change.path, change.origin) for change in result.report.renamed] == [("new/b.txt", "old/b.txt")]


def test_changes_of_both_are_merged_and_changes_of_the_user_are_kept(world: World) -> None:
    world.release("1.0", {"both.txt": numbered(9), "mine.txt": numbered(5), "moved.txt": numbered(20)})
    world.release("2.0", {"both.txt": numbered(9, l8="theirs"), "mine.txt": numbered(5), "to/moved.txt": numbered(20)})
    world.print("1.0")
    world.write("both.txt", numbered(9, l0="ours"))
    world.write("mine.txt", "mine")
    world.write("moved.txt", numbered(20, l3="ours"))
    world.write("own.bin", b"\0\xff")
    world.commit()
    result = world.update()
    assert result.exit_code == ExitCode.DONE
    assert world.read("both.txt") == numbered(9, l0="ours", l8="theirs")
    assert world.read("mine.txt") == "mine"
    assert world.read("to/moved.txt") == numbered(20, l3="ours")
    assert (world.project / "own.bin").read_bytes() == b"\0\xff"
    assert not (world.project / "moved.txt").exists()
    assert paths(result.report.merged) == ["both.txt", "to/moved.txt"]
    assert paths(result.report.kept) == ["mine.txt"]


def test_a_file_that_the_user_deleted_stays_deleted_and_is_reported(world: World) -> None:
    world.release("1.0", {"changed.txt": numbered(9), "same.txt": "s\n", "moves.txt": numbered(30)})
    world.release("2.0", {"changed.txt": numbered(9, l1="x"), "same.txt": "s\n", "to/moves.txt": numbered(30)})
    world.print("1.0")
    for name in ("changed.txt", "same.txt", "moves.txt"):
        (world.project / name).unlink()
    world.commit()
    result = world.update()
    assert result.state is State.LANDED
    assert sorted(snapshot(world.project)) == [".copier-answers.yml"]
    assert paths(result.report.kept_deleted) == ["changed.txt", "to/moves.txt"]


def test_a_moved_file_gets_the_templates_changes(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20)})
    world.release("2.0", {"a.txt": numbered(20, l2="theirs")})
    world.print("1.0")
    (world.project / "mine").mkdir()
    (world.project / "a.txt").rename(world.project / "mine" / "b.txt")
    world.commit()
    result = world.update()
    assert world.read("mine/b.txt") == numbered(20, l2="theirs")
    assert not (world.project / "a.txt").exists()
    assert [(change.path, change.origin) for change in result.report.merged] == [("mine/b.txt", "a.txt")]


def test_a_users_file_in_a_folder_that_the_template_moved_stays(world: World) -> None:
    world.release("1.0", {"old/a.txt": numbered(20), "old/b.txt": numbered(30)})
    world.release("2.0", {"new/a.txt": numbered(20), "new/b.txt": numbered(30)})
    world.print("1.0")
    world.write("old/own.txt", "own\n")
    world.commit()
    assert world.update().state is State.LANDED
    assert sorted(snapshot(world.project)) == [
        ".copier-answers.yml",
        "new",
        "new/a.txt",
        "new/b.txt",
        "old",
        "old/own.txt",
    ]


def test_conflicts_are_left_as_git_leaves_them_with_both_sides_named(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(5), "gone.txt": numbered(9), "ok.txt": "1\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs"), "both.txt": "theirs\n", "ok.txt": "2\n"})
    world.print("1.0")
    world.write("a.txt", numbered(5, l2="ours"))
    world.write("gone.txt", numbered(9, l1="ours"))
    world.write("both.txt", "ours\n")
    head = world.commit()
    result = world.update()
    assert result.exit_code == ExitCode.CONFLICTS
    assert [(found.path, found.kind) for found in result.report.conflicts] == [
        ("a.txt", "contents"),
        ("both.txt", "contents"),
        ("gone.txt", "modify/delete"),
    ]
    assert world.git("rev-parse", "HEAD") == head
    assert world.read("a.txt") == lines(
        "line 0",
        "line 1",
        "<<<<<<< ours/your-project",
        "ours",
        "=======",
        "theirs",
        ">>>>>>> theirs/template-2.0",
        "line 3",
        "line 4",
    )
    assert world.read("gone.txt") == numbered(9, l1="ours")
    assert world.read("ok.txt") == "2\n"
    stages = [line.split()[2:] for line in world.git("ls-files", "--unmerged").splitlines()]
    assert stages == [
        *(["1", "a.txt"], ["2", "a.txt"], ["3", "a.txt"]),
        *(["2", "both.txt"], ["3", "both.txt"]),
        *(["1", "gone.txt"], ["2", "gone.txt"]),
    ]
    world.git("fsck", "--strict")


def test_a_binary_file_that_both_changed_is_a_conflict_that_keeps_the_users(world: World) -> None:
    world.release("1.0", {"logo.bin": b"\0one"})
    world.release("2.0", {"logo.bin": b"\0two"})
    world.print("1.0")
    world.write("logo.bin", b"\0mine")
    world.commit()
    assert [found.path for found in world.update().report.conflicts] == ["logo.bin"]
    assert (world.project / "logo.bin").read_bytes() == b"\0mine"


def test_a_file_that_the_user_keeps_in_crlf_is_merged_in_crlf(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(9), "b.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(9, l8="theirs"), "b.txt": numbered(9, l8="theirs")})
    world.print("1.0")
    world.write("a.txt", numbered(9, l0="ours").replace("\n", "\r\n"))
    world.write("b.txt", "\ufeff" + numbered(9))
    world.commit()
    assert world.update().state is State.LANDED
    assert world.read("a.txt") == numbered(9, l0="ours", l8="theirs").replace("\n", "\r\n")
    assert world.read("b.txt") == "\ufeff" + numbered(9, l8="theirs")


def test_new_line_ends_of_the_template_are_applied_to_an_unchanged_file(world: World) -> None:
    crlf = numbered(9).replace("\n", "\r\n")
    world.release("1.0", {"a.txt": crlf, "mine.txt": crlf})
    world.release("2.0", {"a.txt": numbered(9), "mine.txt": numbered(9, l8="theirs")})
    world.print("1.0")
    world.write("mine.txt", crlf.replace("line 0", "ours"))
    world.commit()
    assert world.update().state is State.LANDED
    assert world.read("a.txt") == numbered(9)
    assert world.read("mine.txt") == numbered(9, l0="ours", l8="theirs").replace("\n", "\r\n")


def test_literal_markers_and_unusual_names_of_the_user_are_kept(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(30), "src/shop/x.py": "x = 1\n"})
    world.release("2.0", {"a.txt": numbered(30, l29="theirs"), "src/shop/x.py": "x = 2\n"})
    world.print("1.0")
    marked = "<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n" + numbered(30)
    world.write("a.txt", marked)
    for name in (b"caf\xe9 \xff.txt", b'quo"te\\.txt', b"new\nline.txt", " \u2028\U0001f680.txt".encode()):
        (world.project / name.decode("utf-8", "surrogateescape")).write_bytes(b"\xff\r\n\0")
    (world.project / "link").symlink_to("nowhere")
    world.commit()
    before = snapshot(world.project)
    assert world.update().state is State.LANDED
    after = snapshot(world.project)
    assert after.pop("a.txt")[1].decode() == marked.replace("line 29", "theirs")
    changed = {path for path in before if path in after and before[path] != after[path]}
    assert changed == {".copier-answers.yml", "src/shop/x.py"}


@pytest.mark.parametrize("style", ["merge", "diff3"])
@pytest.mark.parametrize("size", [1, 3, 7, 20])
def test_remaining_markers_of_any_size_are_found(world: World, size: int, style: str) -> None:
    world.release("1.0", {"a.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs")})
    world.print("1.0")
    world.write("a.txt", numbered(9, l4="ours"))
    world.commit()
    world.git("config", "merge.conflictStyle", style)
    attributes = world.top / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(f"* conflict-marker-size={size}\n")
    assert world.update().exit_code == ExitCode.CONFLICTS
    marked = world.read("a.txt")
    opening, closing = f"{'<' * size} ours/your-project\n", f"{'>' * size} theirs/template-2.0\n"
    for left in (marked, marked.replace(opening, ""), marked.replace(closing, "")):
        assert opening in left or closing in left
        world.write("a.txt", left)
        world.git("add", "a.txt")
        with pytest.raises(ConflictsLeftError, check=with_fields(paths=["a.txt"], are_staged=True)):
            resume(world.project, options=Options(verify=False), progress=Silent())
    world.write("a.txt", marked.replace(opening, "").replace(closing, ""))
    world.git("add", "a.txt")
    assert resume(world.project, options=Options(verify=False), progress=Silent()).state is State.LANDED


@pytest.mark.parametrize("was_there", [False, True])
def test_a_file_where_the_user_has_a_folder_is_a_conflict_and_nothing_else(world: World, *, was_there: bool) -> None:
    world.release("1.0", {"a.txt": "1\n", **({"d": numbered(9)} if was_there else {})})
    world.release("2.0", {"a.txt": "1\n", "d": numbered(9, l2="theirs")})
    world.print("1.0")
    (world.project / "d").unlink(missing_ok=True)
    world.write("d/mine.txt", "mine\n")
    world.commit()
    report = world.update().report
    assert [found.path for found in report.conflicts] == ["d~theirs_template-2.0"]
    assert paths(report.kept_deleted) == []


def test_the_same_version_again_does_nothing(world: World) -> None:
    world.release("1.0", {"a.txt": "1\n"})
    world.print("1.0")
    head = world.git("rev-parse", "HEAD")
    assert world.update().state is State.UNCHANGED
    assert world.git("rev-parse", "HEAD") == head


def test_a_dry_run_reports_the_same_and_writes_nothing(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(9, l2="theirs"), "b.txt": "b\n"})
    world.print("1.0")
    world.write("a.txt", numbered(9, l2="ours"))
    world.commit()
    before, objects = snapshot(world.top), snapshot(world.top / ".git")
    result = world.update(dry_run=True)
    assert result.state is State.PREVIEWED
    assert result.exit_code == ExitCode.CONFLICTS
    assert "+>>>>>>> theirs/template-2.0" in result.patch
    assert (snapshot(world.top), snapshot(world.top / ".git")) == (before, objects)
    assert result.report == world.update().report


def test_an_update_in_two_steps_gives_the_same_result(world: World) -> None:
    world.release("1.0", {"a.txt": numbered(20), "b.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(20, l5="two"), "c.txt": numbered(9)})
    world.release("3.0", {"a.txt": numbered(20, l5="three"), "c.txt": numbered(9, l8="x")})
    world.print("1.0")
    world.write("a.txt", numbered(20, l0="ours"))
    start = world.commit()
    world.update(to="2.0")
    world.update(to="3.0")
    by_steps = snapshot(world.project)
    world.git("reset", "--quiet", "--hard", start)
    world.update()
    assert snapshot(world.project) == by_steps


def test_after_an_update_the_index_is_fresh(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git compares times in seconds, and another second may begin before the stage is removed."""
    remove = Stage.remove

    def remove_later(stage: Stage) -> None:
        time.sleep(1)
        remove(stage)

    monkeypatch.setattr(Stage, "remove", remove_later)
    world.release("1.0", {"a.txt": "1\n"})
    world.release("2.0", {"a.txt": "2\n", "b.txt": "b\n"})
    world.print("1.0")
    world.update()
    world.git("diff-files", "--quiet")
