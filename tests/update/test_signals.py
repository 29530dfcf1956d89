"""A signal at any moment: what is said, and the exit code, are what has happened."""

import os
import shutil
import signal
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from copperplate import cli, durable, history
from copperplate.errors import ExitCode
from tests.conftest import Ran
from tests.update.conftest import World, numbered, snapshot
from tests.update.crashing import At, forked

STEP = int(os.environ.get("CRASH_STEP", "11"))
"""1 tries every single moment."""
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world.release("1.0", {"a.txt": numbered(9), "gone/b.txt": "1\n"})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs"), "added/c.txt": "1\n"})
    world.print("1.0")
    monkeypatch.setattr(history, "released", lambda: world.versions)
    monkeypatch.chdir(world.project)
    return world


@pytest.fixture
def conflicted(shop: World) -> World:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    return shop


class Command:
    """The command line in a process of its own, that gets a signal just before one of its writes."""

    def __init__(self, tmp_path: Path, *arguments: str) -> None:
        self._arguments = arguments
        self._output = tmp_path / "output"

    def run(self, number: int = -1, at: int = -1) -> Ran:
        def send() -> None:
            os.kill(os.getpid(), number)

        def run() -> None:
            with (
                self._output.open("w") as file,
                patch("sys.stdout", file),
                patch("sys.stderr", file),
                patch.object(durable, "observer", At(at, send)),
            ):
                code = cli.run(list(self._arguments))
            os._exit(code)

        code = forked(run)
        said = self._output.read_text()
        return Ran(code, said, said)

    def writes(self) -> int:
        counted = self._output.with_name("counted")

        def run() -> None:
            counter = At(-1, lambda: None)
            with patch.object(durable, "observer", counter):
                cli.run(list(self._arguments))
            counted.write_text(str(counter.count))

        assert forked(run) == 0
        return int(counted.read_text())


def state(world: World) -> tuple[object, ...]:
    return snapshot(world.top), world.git("rev-parse", "HEAD^{tree}"), world.git("ls-files", "--stage")


def expect(ran: Ran, world: World, *, done: tuple[object, ...], before: tuple[object, ...], codes: set[int]) -> None:
    now = state(world)
    if ran.code in codes:
        assert now == done, ran.stdout
        assert "Cancelled" not in ran.stdout
    else:
        assert now == before, ran.stdout
        assert "\nCancelled. Nothing was written.\n" in ran.stdout


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("kind", ["shop", "conflicted"])
def test_an_update_that_gets_a_signal_is_applied_or_not_and_says_which(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, number: signal.Signals
) -> None:
    shop = request.getfixturevalue(kind)
    update = Command(tmp_path, "update", "--no-verify")
    before, start = state(shop), shop.git("rev-parse", "HEAD")
    total = update.writes()
    done = state(shop)
    restore(shop, start)
    codes = set()
    for at in range(1 + len(number.name) % STEP, total + 1, STEP):
        ran = update.run(number, at)
        assert ran.code in {ExitCode.DONE, ExitCode.CONFLICTS, SIGNALS[number]}, ran.stdout
        expect(ran, shop, done=done, before=before, codes={ExitCode.DONE, ExitCode.CONFLICTS})
        codes.add(ran.code)
        restore(shop, start)
    assert len(codes - {SIGNALS[number]}) == 1


def test_an_abort_that_gets_a_signal_is_done_or_not_and_says_which(conflicted: World, tmp_path: Path) -> None:
    shop, update = conflicted, Command(tmp_path, "update", "--no-verify")
    assert update.run().code == ExitCode.CONFLICTS
    begun, start = state(shop), shop.git("rev-parse", "HEAD")
    back = Command(tmp_path, "update", "--abort")
    total = back.writes()
    done = state(shop)
    for at in range(1, total + 1, STEP):
        restore(shop, start)
        assert update.run().code == ExitCode.CONFLICTS
        ran = back.run(signal.SIGTERM, at)
        expect(ran, shop, done=done, before=begun, codes={ExitCode.DONE})


def test_a_continue_that_gets_a_signal_is_done_or_not_and_says_which(conflicted: World, tmp_path: Path) -> None:
    shop, update = conflicted, Command(tmp_path, "update", "--no-verify")
    assert update.run().code == ExitCode.CONFLICTS
    start, going_on = shop.git("rev-parse", "HEAD"), Command(tmp_path, "update", "--continue", "--no-verify")
    resolve(shop)
    begun = state(shop)
    total = going_on.writes()
    done = state(shop)
    for at in range(1, total + 1, STEP):
        restore(shop, start)
        assert update.run().code == ExitCode.CONFLICTS
        resolve(shop)
        ran = going_on.run(signal.SIGINT, at)
        expect(ran, shop, done=done, before=begun, codes={ExitCode.DONE})


SLOW_GIT = """\
#!/bin/sh
case "$*" in
*update-ref*) touch {place}/begun; while [ ! -e {place}/go ]; do sleep 0.01; done ;;
esac
exec {git} "$@"
"""


def test_ctrl_c_does_not_reach_a_git_that_applies_the_update(
    shop: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal sends it to every process of the group: git would end, and the update would fail with its words."""
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(SLOW_GIT.format(place=tmp_path, git=shutil.which("git")))
    slow.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setsid()
        monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
        os._exit(cli.run(["update", "--no-verify"]))
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    os.killpg(child, signal.SIGINT)
    time.sleep(0.2)  # long enough to end a git that has got it
    (tmp_path / "go").touch()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == ExitCode.DONE
    assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"


def restore(world: World, start: str) -> None:
    cli.run(["update", "--abort"])  # if there is one
    world.git("reset", "--quiet", "--hard", start)
    world.git("clean", "--quiet", "-d", "--force")


def resolve(world: World) -> None:
    world.write("a.txt", numbered(9, l4="both"))
    world.git("add", "a.txt")
