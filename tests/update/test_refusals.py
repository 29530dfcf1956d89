"""Refusals: the files in the way are named before anything is changed."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.update import abort
from copperplate.errors import CopperplateError, ExitCode
from copperplate.errors.inputs import (
    DamagedAnswersError,
    NoProjectError,
    OlderVersionError,
    UnknownProjectVersionError,
    UnknownSourceError,
    UnknownVersionError,
)
from copperplate.errors.updates import (
    GitBusyError,
    GitTooOldError,
    GitUnfinishedError,
    InTheWayError,
    NoCommitsError,
    NoRepositoryError,
    Obstacle,
)
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered

Act = Callable[[World], object]
Expected = tuple[type[CopperplateError], dict[str, object]]


def in_the_way(obstacle: Obstacle, *paths: str) -> Expected:
    return InTheWayError, {"obstacle": obstacle, "paths": [*paths]}


@pytest.fixture
def behind(world: World) -> World:
    """A project that could be updated."""
    world.release("1.0", {"a.txt": numbered(5), "gone.txt": "x\n", "run.sh": "#!/bin/sh\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="x"), "new/b.txt": "b\n", "run.sh": "#!/bin/sh\nexit\n"})
    world.print("1.0")
    return world


def moved_by_both(world: World) -> None:
    """Files at the old path are no part of the update, so it may not remove them."""
    world.release("2.0", {"a.txt": numbered(5), "to/gone.txt": "x\n", "run.sh": "#!/bin/sh\n"})
    (world.project / "gone.txt").rename(world.project / "mine.txt")
    world.commit()
    world.write("gone.txt", "not tracked\n")


def staged(world: World) -> None:
    world.write("a.txt", "staged\n")
    world.git("add", "a.txt")
    world.write("a.txt", numbered(5))


def linked(world: World) -> None:
    (world.top.parent / "elsewhere").mkdir()
    (world.project / "new").symlink_to(world.top.parent / "elsewhere")


def submodule(world: World) -> None:
    head = world.git("rev-parse", "HEAD")
    world.git("update-index", "--add", "--cacheinfo", f"160000,{head},new")
    world.git("commit", "--quiet", "--message=submodule")
    (world.project / "new").mkdir()


def ignored(world: World) -> None:
    (world.top / ".git" / "info" / "exclude").write_text("new\n")
    world.write("new/b.txt", "mine\n")


def merging(world: World) -> None:
    (world.top / ".git" / "MERGE_HEAD").write_text(world.git("rev-parse", "HEAD") + "\n")


def linked_below(world: World) -> None:
    """A folder that holds nothing but a link is not empty."""
    (world.project / "new" / "b.txt").mkdir(parents=True)
    (world.project / "new" / "b.txt" / "link").symlink_to(world.top.parent)


def picking(world: World) -> None:
    """Of two commits the first is resolved and committed; the second is still to come."""
    world.write("own.txt", "1\n")
    world.commit()
    for content in ("2\n", "3\n"):
        world.write("own.txt", content)
        world.commit()
    world.git("reset", "--quiet", "--hard", "HEAD~2")
    world.write("own.txt", "mine\n")
    world.commit()
    with pytest.raises(subprocess.CalledProcessError):
        world.git("cherry-pick", "ORIG_HEAD~1", "ORIG_HEAD")
    world.write("own.txt", "both\n")
    world.commit()
    assert not (world.top / ".git" / "CHERRY_PICK_HEAD").exists()


def reverting(world: World) -> None:
    for content in ("1\n", "2\n", "3\n"):
        world.write("own.txt", content)
        world.commit()
    with pytest.raises(subprocess.CalledProcessError):
        world.git("revert", "--no-edit", "HEAD~1", "HEAD~2")
    world.write("own.txt", "both\n")
    world.commit()
    assert not (world.top / ".git" / "REVERT_HEAD").exists()


def filtered(world: World) -> None:
    world.write(".gitattributes", "a.txt filter=lfs\n")
    world.commit()


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda world: world.write("a.txt", "mine\n"), in_the_way("uncommitted", "a.txt")),
        (lambda world: (world.project / "gone.txt").unlink(), in_the_way("uncommitted", "gone.txt")),
        (lambda world: (world.project / "run.sh").chmod(0o644), in_the_way("uncommitted", "run.sh")),
        (lambda world: world.write("new/b.txt", "mine\n"), in_the_way("untracked", "new/b.txt")),
        (lambda world: world.write("new", "mine\n"), in_the_way("untracked", "new")),
        (moved_by_both, in_the_way("untracked", "gone.txt")),
        (ignored, in_the_way("untracked", "new/b.txt")),
        (linked, in_the_way("untracked", "new")),
        (linked_below, in_the_way("untracked", "new/b.txt/link")),
        (staged, in_the_way("staged", "a.txt")),
        (submodule, in_the_way("submodule", "new", "new/b.txt")),
        (filtered, in_the_way("filter", "a.txt")),
        (merging, (GitUnfinishedError, {"operation": "MERGE_HEAD"})),
        (picking, (GitUnfinishedError, {"operation": "sequencer"})),
        (reverting, (GitUnfinishedError, {"operation": "sequencer"})),
        (lambda world: (world.project / ".copier-answers.yml").unlink(), (NoProjectError, {})),
    ],
)
def test_a_file_in_the_way_is_refused_by_name(behind: World, act: Act, expected: Expected) -> None:
    act(behind)
    kind, fields = expected
    before = snapshot(behind.top)
    with pytest.raises(kind, check=with_fields(**fields)) as refused:
        behind.update()
    assert refused.value.exit_code == ExitCode.REFUSED
    assert snapshot(behind.top) == before


@pytest.mark.parametrize("folders", [("new/b.txt",), ("new/b.txt/deep/er", "new/b.txt/other")])
@pytest.mark.parametrize("conflicts", [False, True])
def test_empty_folders_in_the_way_are_removed_and_restored(
    behind: World, folders: tuple[str, ...], *, conflicts: bool
) -> None:
    if conflicts:
        behind.write("a.txt", numbered(5, l2="ours"))
        behind.commit()
    for folder in folders:
        (behind.project / folder).mkdir(parents=True)
    (behind.project / "new" / "b.txt").chmod(0o750)
    before = snapshot(behind.top)
    assert behind.update().exit_code == (ExitCode.CONFLICTS if conflicts else ExitCode.DONE)
    assert behind.read("new/b.txt") == "b\n"
    if conflicts:
        abort(behind.project)
        assert snapshot(behind.top) == before


def test_an_empty_folder_is_not_restored_through_a_link_of_the_user(behind: World) -> None:
    behind.write("a.txt", numbered(5, l2="ours"))
    behind.commit()
    (behind.project / "new" / "b.txt" / "deep").mkdir(parents=True)
    assert behind.update().exit_code == ExitCode.CONFLICTS
    outside = behind.top.parent / "outside"
    outside.mkdir()
    (behind.project / "new" / "b.txt").unlink()
    (behind.project / "new").rmdir()
    (behind.project / "new").symlink_to(outside)
    abort(behind.project)
    assert list(outside.iterdir()) == []
    assert behind.read("a.txt") == numbered(5, l2="ours")


def test_a_file_replaces_a_folder_whose_files_are_removed(world: World) -> None:
    world.release("1.0", {"a/b.txt": "b\n", "c.txt": numbered(9)})
    world.release("2.0", {"a": "a\n", "c.txt": numbered(9, l2="theirs")})
    world.print("1.0")
    world.write("c.txt", numbered(9, l2="ours"))
    world.commit()
    (world.project / "a" / "empty" / "below").mkdir(parents=True)
    before = snapshot(world.top)
    assert world.update().exit_code == ExitCode.CONFLICTS
    assert world.read("a") == "a\n"
    abort(world.project)
    assert snapshot(world.top) == before


def answers(world: World, old: str, new: str) -> None:
    file = world.project / ".copier-answers.yml"
    file.write_text(file.read_text().replace(old, new))
    world.commit()


@pytest.mark.parametrize(
    ("old", "new", "kind", "fields"),
    [
        ('"1.0"', '"9.0"', UnknownProjectVersionError, {"version": "9.0", "newest": "2.0"}),
        ('"1.0"', '"0.5"', UnknownProjectVersionError, {"version": "0.5", "newest": None}),
        ('"1.0"', "--upload-pack=x", DamagedAnswersError, {"entry": "_commit"}),
        ("git+copperplate://template", "ext::sh -c x", UnknownSourceError, {"source": "ext::sh -c x"}),
        ('"MIT"', "Beer", DamagedAnswersError, {"entry": "license"}),
        ('license: "MIT"\n', "", DamagedAnswersError, {"entry": "license"}),
        ('"MIT"', "3", DamagedAnswersError, {"entry": "license"}),
        ("license", "licence", DamagedAnswersError, {"entry": "licence"}),
        ("shop", "../shop", DamagedAnswersError, {"entry": "distribution_name"}),
        ('"MIT"', "[", DamagedAnswersError, {"entry": None}),
    ],
)
def test_damaged_answers_are_refused(
    behind: World, old: str, new: str, kind: type[CopperplateError], fields: dict[str, object]
) -> None:
    answers(behind, old, new)
    with pytest.raises(kind, check=with_fields(**fields)) as refused:
        behind.update()
    assert refused.value.exit_code == ExitCode.REFUSED
    assert "\n" not in refused.value.what + refused.value.hint
    assert behind.status() == ""


def test_other_files_may_have_uncommitted_changes(behind: World) -> None:
    behind.write("own.txt", "1\n")
    behind.commit()
    behind.write("own.txt", "2\n")
    behind.write("other.txt", "untracked\n")
    assert behind.update().exit_code == ExitCode.DONE
    assert behind.status().splitlines() == ["M own.txt", "?? other.txt"]


def test_outside_of_git_is_refused(behind: World, tmp_path: Path) -> None:
    (behind.top / ".git").rename(tmp_path / "away")
    with pytest.raises(NoRepositoryError, check=with_fields(project=behind.project)):
        behind.update()


def test_a_project_without_a_commit_is_refused(world: World) -> None:
    world.release("1.0", {"a.txt": "1\n"})
    world.release("2.0", {"a.txt": "2\n"})
    world.render("1.0", world.project)
    with pytest.raises(NoCommitsError, check=with_fields(root=world.top)):
        world.update()
    world.git("commit", "--quiet", "--allow-empty", "--message=x")
    with pytest.raises(NoCommitsError, check=with_fields(root=world.project)):
        world.update()


def test_an_older_version_and_an_unknown_one_are_refused(behind: World) -> None:
    behind.update()
    with pytest.raises(OlderVersionError, check=with_fields(version="1.0", at="2.0")):
        behind.update(to="1.0")
    with pytest.raises(UnknownVersionError, check=with_fields(version="7.0")) as refused:
        behind.update(to="7.0")
    assert refused.value.exit_code == ExitCode.USAGE


def test_an_index_lock_of_another_git_is_refused_with_a_hint(behind: World) -> None:
    (behind.top / ".git" / "index.lock").write_text("")
    before = snapshot(behind.top)
    with pytest.raises(GitBusyError):
        behind.update()
    assert snapshot(behind.top) == before
    assert (behind.top / ".git" / "index.lock").exists()
    (behind.top / ".git" / "index.lock").unlink()
    behind.update()


def test_a_lock_that_is_not_committed_is_refused_before_the_checks_run(behind: World) -> None:
    behind.write("uv.lock", 'version = 1\nrequires-python = ">=3.12"\n')
    behind.commit()
    newer = '[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "https://index.example" }\n'
    behind.release("2.0", {"a.txt": "2\n"}, **{"template.lock": f'version = 1\nrequires-python = ">=3.12"\n\n{newer}'})
    behind.write("pyproject.toml", '[project]\nname = "shop"\nversion = "0"\nrequires-python = ">=3.12"\n')
    behind.write(".python-version", "3.12\n")
    behind.commit()
    behind.write("uv.lock", "mine\n")
    with pytest.raises(InTheWayError, check=with_fields(obstacle="uncommitted", paths=["uv.lock"])):
        behind.update(verify=True)
    assert behind.read("uv.lock") == "mine\n"


def test_a_git_that_is_too_old_is_named(behind: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.34.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent), prepend=":")
    with pytest.raises(GitTooOldError, check=with_fields(version="git version 2.34.1")):
        behind.update()
