"""`--abort` and `--continue` can themselves be killed at any write, and given again."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from copperplate import durable
from copperplate.commands.update import abort, resume
from copperplate.errors import RefusedError
from copperplate.progress import Silent
from copperplate.updating.results import Options
from tests.update.conftest import World, numbered, snapshot
from tests.update.crashing import At, forked

State = tuple[object, ...]


@pytest.fixture
def conflicted(world: World) -> World:
    """A project whose update leaves conflicts, and does something of every kind besides."""
    world.release("1.0", {"a.txt": numbered(5), "gone.txt": numbered(9), "old/ok.txt": "1\n", "was": "file\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs"), "new/ok.txt": "1\n", "was/in.txt": "in\n"})
    world.print("1.0")
    world.write("a.txt", numbered(5, l2="ours"))
    world.write("gone.txt", numbered(9, l1="ours"))
    world.commit()
    world.write("old/untracked.txt", "untracked\n")
    return world


def state(world: World) -> State:
    return snapshot(world.top), world.git("rev-parse", "HEAD^{tree}"), world.git("ls-files", "--stage")


def resolve(world: World) -> None:
    world.write("a.txt", numbered(5, l2="both"))
    world.git("add", "a.txt", "gone.txt")


def finish(world: World) -> None:
    resume(world.project, options=Options(verify=False), progress=Silent())


def writes(action: Callable[[], object]) -> int:
    counter = At(-1, lambda: None)
    with patch.object(durable, "observer", counter):
        action()
    return counter.count


def killed_at(write: int, action: Callable[[], object]) -> None:
    def run() -> None:
        with patch.object(durable, "observer", At(write, lambda: os.kill(os.getpid(), signal.SIGKILL))):
            action()

    assert forked(run) == -signal.SIGKILL


def nothing_is_left(world: World, temporary: Path) -> None:
    git = world.top / ".git"
    assert not [*git.glob("**/*.lock"), *temporary.iterdir()]
    assert {path.name.partition("-20")[0] for path in git.glob("copperplate*")} <= {"copperplate-kept"}


def tried(action: Callable[[], object]) -> str:
    try:
        action()
    except RefusedError as refused:
        return refused.what
    return ""


def test_an_abort_that_is_killed_at_any_write_is_given_again(conflicted: World, tmp_path: Path) -> None:
    before = state(conflicted)
    conflicted.update()
    total = writes(lambda: abort(conflicted.project))
    for write in range(1, total + 1):
        conflicted.update()
        killed_at(write, lambda: abort(conflicted.project))
        said = tried(lambda: abort(conflicted.project))
        assert not said or "no update is in progress" in said
        assert state(conflicted) == before, write
        nothing_is_left(conflicted, tmp_path / "tmp")


@pytest.mark.parametrize("by_abort", [True, False], ids=["taken back", "finished"])
def test_a_continue_that_is_killed_at_any_write_is_given_again_or_taken_back(
    conflicted: World, tmp_path: Path, *, by_abort: bool
) -> None:
    before, start = state(conflicted), conflicted.git("rev-parse", "HEAD")
    conflicted.update()
    resolve(conflicted)
    total = writes(lambda: finish(conflicted))
    after = state(conflicted)
    for write in range(1, total + 1):
        conflicted.git("reset", "--quiet", "--hard", start)
        conflicted.update()
        resolve(conflicted)
        killed_at(write, lambda: finish(conflicted))
        said = tried(lambda: abort(conflicted.project) if by_abort else finish(conflicted))
        assert not said or "no update is in progress" in said
        assert state(conflicted) == (before if by_abort and not said else after), write
        nothing_is_left(conflicted, tmp_path / "tmp")
