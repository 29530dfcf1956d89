"""Real repositories: monorepos, work trees, and settings of every kind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands.update import abort
from copperplate.update.result import State
from testing.snapshots import snapshot
from testing.worlds import World, numbered

ONE = {"a.txt": numbered(9), "gone.txt": "x\n", "src/b.py": "b = 1\n"}
TWO = {"a.txt": numbered(9, l8="theirs"), "src/c.py": "c = 1\n", "src/b.py": "b = 2\n"}


def printed(world: World) -> World:
    world.release("1.0", ONE)
    world.release("2.0", TWO)
    world.print("1.0")
    world.write("a.txt", numbered(9, l0="ours"))
    world.commit()
    return world


def test_only_the_project_in_a_monorepo_changes(make_world: Callable[..., World]) -> None:
    world = printed(make_world("services/shop"))
    (world.top / "a.txt").write_text(numbered(9))
    (world.top / "services" / "other").mkdir()
    (world.top / "services" / "other" / "gone.txt").write_text("x\n")
    world.commit()
    result = world.update()
    assert result.state is State.LANDED
    assert world.git("show", "--name-only", "--format=", "HEAD").split() == [
        f"services/shop/{name}" for name in (".copier-answers.yml", "a.txt", "gone.txt", "src/b.py", "src/c.py")
    ]
    assert world.read("a.txt") == numbered(9, l0="ours", l8="theirs")
    assert world.status() == ""


@pytest.mark.parametrize("place", ["new\nline/shop", 'quo"te\\/shop ', "caf\udce9", "-dash/#"])
def test_a_project_in_a_folder_with_an_unusual_name_is_updated(make_world: Callable[..., World], place: str) -> None:
    world = printed(make_world(place))
    assert world.update().state is State.LANDED
    assert world.read("a.txt") == numbered(9, l0="ours", l8="theirs")
    assert world.status() == ""


def test_conflicts_in_a_monorepo_are_aborted_too(make_world: Callable[..., World]) -> None:
    world = printed(make_world("services/shop"))
    world.write("a.txt", numbered(9, l8="ours"))
    world.commit()
    before = snapshot(world.top)
    result = world.update()
    assert [found.path for found in result.report.conflicts] == ["a.txt"]
    abort(world.project)
    assert snapshot(world.top) == before
    assert world.status() == ""


def test_a_linked_work_tree_is_updated_by_itself(world: World, tmp_path: Path) -> None:
    printed(world)
    world.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    before = snapshot(world.top)
    linked = World(tmp_path / "linked", tmp_path / "linked", world.versions)
    assert linked.update().state is State.LANDED
    assert linked.status() == ""
    assert linked.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"
    assert snapshot(world.top) == before


def test_line_ends_on_the_disk_are_those_of_the_users_settings(world: World, settings: Path) -> None:
    printed(world)
    settings.write_text(settings.read_text() + "[core]\nautocrlf = true\n")
    (world.project / "a.txt").unlink()
    world.git("rm", "--quiet", "--cached", "-r", ".")
    world.git("reset", "--quiet", "--hard")
    assert b"\r\n" in (world.project / "a.txt").read_bytes()
    assert world.update().state is State.LANDED
    assert world.read("a.txt") == numbered(9, l0="ours", l8="theirs").replace("\n", "\r\n")
    assert world.read("src/c.py") == "c = 1\r\n"
    assert world.git("show", "HEAD:src/c.py") == "c = 1"
    assert world.status() == ""


def test_no_program_of_the_users_settings_runs(world: World, settings: Path, tmp_path: Path) -> None:
    printed(world)
    ran = tmp_path / "ran"
    hooks = world.top / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-commit",
        "post-commit",
        "commit-msg",
        "reference-transaction",
        "post-index-change",
        "post-checkout",
    ):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {ran}\nexit 1\n")
        (hooks / name).chmod(0o755)
    world.write(".gitattributes", "*.txt diff=evil\ngone.txt merge=evil\nb.py merge=evil\n")
    world.git("-c", "core.hooksPath=/dev/null", "add", "--all")
    world.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message=attributes")
    settings.write_text(
        settings.read_text()
        + f"""
[commit]
gpgSign = true
[gpg]
program = touch {ran}
[core]
fsmonitor = touch {ran}
[merge "evil"]
driver = touch {ran}
[diff "evil"]
textconv = touch {ran}
[diff]
external = touch {ran}
renames = false
noprefix = true
[merge]
renames = false
"""
    )
    result = world.update()
    assert not ran.exists()
    assert result.state is State.LANDED
    assert result.unsigned
    assert world.read("a.txt") == numbered(9, l0="ours", l8="theirs")


def test_a_sparse_checkout_stays_sparse(world: World) -> None:
    printed(world)
    world.git("sparse-checkout", "set", "--no-cone", "/*", "!/src/")
    assert not (world.project / "src").exists()
    assert world.update().state is State.LANDED
    assert not (world.project / "src" / "b.py").exists()
    assert world.git("show", "HEAD:src/b.py") == "b = 2"
    world.git("sparse-checkout", "disable")
    assert world.read("src/b.py") == "b = 2\n"
    assert world.status() == ""


@pytest.mark.parametrize("setting", ["index.version=4", "core.splitIndex=true", "core.untrackedCache=true"])
def test_an_index_of_any_format_stays_correct(world: World, setting: str) -> None:
    printed(world)
    world.git("config", *setting.split("="))
    world.git("update-index", "--refresh")
    if "version" in setting:
        world.git("update-index", "--index-version", "4")
    if "split" in setting:
        world.git("update-index", "--split-index")
    assert world.update().state is State.LANDED
    assert world.status() == ""
    world.git("fsck", "--strict")


def test_a_sparse_index_stays_correct(make_world: Callable[..., World]) -> None:
    world = printed(make_world("services/shop"))
    (world.top / "far" / "away").mkdir(parents=True)
    (world.top / "far" / "away" / "x.txt").write_text("x\n")
    world.commit()
    world.git("sparse-checkout", "set", "--cone", "--sparse-index", "services")
    assert not (world.top / "far").exists()
    assert world.update().state is State.LANDED
    assert world.status() == ""
    assert not (world.top / "far").exists()
    assert world.git("show", "HEAD:far/away/x.txt") == "x"


def test_a_repository_with_long_object_ids_is_updated(make_world: Callable[..., World], tmp_path: Path) -> None:
    world = make_world()
    (world.top / ".git").rename(tmp_path / "unused")
    world.git("init", "--quiet", "--object-format=sha256")
    printed(world)
    assert world.update().state is State.LANDED
    assert world.status() == ""


def test_a_detached_head_is_moved_too(world: World) -> None:
    printed(world)
    world.git("checkout", "--quiet", "--detach")
    assert world.update().state is State.LANDED
    assert world.git("log", "--format=%s", "-1") == "Update template from 1.0 to 2.0"
    assert world.git("branch", "--show-current") == ""


def test_the_commit_has_the_identity_of_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    printed(world)
    for role, name in (("AUTHOR", "Grace"), ("COMMITTER", "Robot")):
        monkeypatch.setenv(f"GIT_{role}_NAME", name)
        monkeypatch.setenv(f"GIT_{role}_EMAIL", f"{name.lower()}@example.org")
        monkeypatch.setenv(f"GIT_{role}_DATE", f"{1_000_000_000 + len(name)} +0200")
    world.update()
    told = world.git("log", "-1", "--format=%an <%ae> %at|%cn <%ce> %ct")
    assert told == "Grace <grace@example.org> 1000000005|Robot <robot@example.org> 1000000005"


def test_the_commit_has_the_author_and_committer_of_the_settings(world: World, settings: Path) -> None:
    printed(world)
    settings.write_text(settings.read_text() + "[author]\nname = Grace\n[committer]\nemail = robot@example.org\n")
    world.update()
    told = world.git("log", "-1", "--format=%an <%ae>|%cn <%ce>")
    assert told == "Grace <ada@example.org>|Ada <robot@example.org>"


def test_without_an_identity_in_git_the_commit_has_the_author(world: World, settings: Path) -> None:
    world.release("1.0", ONE)
    world.release("2.0", TWO)
    world.print("1.0", author_name="Grace", author_email="grace@example.org")
    settings.write_text("[user]\nuseConfigOnly = true\n")
    world.update()
    assert world.git("log", "-1", "--format=%an <%ae> %cn") == "Grace <grace@example.org> Grace"
