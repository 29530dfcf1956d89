"""Ctrl-C at a terminal, which sends a signal to every process of its group."""

import os
import signal
import time
from pathlib import Path

import pytest

from copperplate.cli import main
from copperplate.errors import ExitCode
from copperplate.templates import bundled
from testing.git import slow_git
from testing.worlds import World, numbered


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world.release("1.0", {"a.txt": numbered(9), "gone/b.txt": "1\n"})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs"), "added/c.txt": "1\n"})
    world.print("1.0")
    monkeypatch.setattr(bundled, "released", lambda: world.versions)
    monkeypatch.chdir(world.project)
    return world


def test_ctrl_c_does_not_end_git_while_the_update_is_applied(
    shop: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal sends it to every process of the group: git would end, and the update would fail with its words."""
    slow = slow_git(tmp_path)
    child = os.fork()
    if child == 0:
        os.setsid()
        monkeypatch.setenv("PATH", f"{slow}:{os.environ['PATH']}")
        os._exit(main.run(["update", "--no-verify"]))
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    os.killpg(child, signal.SIGINT)
    time.sleep(0.2)  # long enough to end a git that has got it
    (tmp_path / "go").touch()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == ExitCode.DONE
    assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"
