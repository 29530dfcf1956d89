"""Application of an update: after any failure, the project is old, new, or can be restored."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from copperplate.commands.update import abort
from copperplate.errors import Recovery, RefusedError
from copperplate.errors.updates import UpdateRunningError
from copperplate.update.result import State
from testing.crashes import writes
from testing.snapshots import snapshot
from testing.worlds import World, numbered

STEP = int(os.environ.get("CRASH_STEP", "37"))
"""1 tries every single write."""

FREES = frozenset({"remove", "remove folder", "remove tree"})
"""What a full disk does not prevent."""


class At:
    """Counts writes, but for those of the kinds `but`, and acts at one of them; with `on` also at all that follow."""

    def __init__(self, at: int, act: Callable[[], None], *, but: Collection[str] = (), on: bool = False) -> None:
        self.count, self._at, self._act, self._but, self._on = 0, at, act, but, on

    def __call__(self, verb: str, path: Path) -> None:
        del path
        if verb in self._but:
            return
        self.count += 1
        if self.count == self._at or (self._on and self.count > self._at > 0):
            self._act()


@pytest.fixture
def ready(world: World) -> World:
    world.release("1.0", {"a.txt": numbered(5), "x/old.txt": numbered(9), "swap/in.txt": "1\n", "was": "file\n"})
    world.release("2.0", {"a.txt": numbered(5, l2="theirs"), "y/z/new.txt": numbered(9), "swap": "f\n", "was/in": "1"})
    world.print("1.0")
    world.write("own.txt", "own\n")
    world.commit()
    return world


def state(world: World) -> tuple[object, ...]:
    return snapshot(world.top), world.git("rev-parse", "HEAD^{tree}"), world.status(), world.git("ls-files", "--stage")


def full() -> None:
    raise OSError(28, "No space left on device")


def count_writes(world: World, monkeypatch: pytest.MonkeyPatch, but: Collection[str] = ()) -> int:
    counter = At(-1, lambda: None, but=but)
    monkeypatch.setattr(writes, "observer", counter)
    world.update()
    return counter.count


def test_a_folder_becomes_a_file_and_a_file_a_folder(ready: World) -> None:
    assert ready.update().state is State.LANDED
    assert ready.read("swap") == "f\n"
    assert ready.read("was/in") == "1"
    assert ready.status() == ""


def tried(action: Callable[[], object]) -> RefusedError | None:
    try:
        action()
    except RefusedError as refused:
        return refused
    return None


def test_a_disk_that_fills_up_at_any_write_changes_nothing(ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before, start = state(ready), ready.git("rev-parse", "HEAD")
    total = count_writes(ready, monkeypatch, FREES)
    after = state(ready)
    for at in range(1, total + 1, STEP):
        ready.git("reset", "--quiet", "--hard", start)
        monkeypatch.setattr(writes, "observer", At(at, full, but=FREES))
        refused = tried(ready.update)
        assert state(ready) == (before if refused else after), at
        assert refused is None or "nothing has been changed" in refused.hint
        assert refused is None or ".copperplate-" not in refused.what
        monkeypatch.setattr(writes, "observer", At(-1, lambda: None))
        ready.update()
        assert state(ready) == after


def test_a_disk_that_is_full_before_the_first_change_leaves_no_lock(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_once_git_is_kept_off(verb: str, path: Path) -> None:
        del verb
        if path.name == "index.lock":
            monkeypatch.setattr(writes, "observer", At(1, full, but=FREES, on=True))
            full()

    monkeypatch.setattr(writes, "observer", full_once_git_is_kept_off)
    assert tried(ready.update)
    monkeypatch.setattr(writes, "observer", At(-1, lambda: None))
    assert ready.update().state is State.LANDED


@pytest.mark.parametrize("line", ["untouched", "ours"], ids=["clean", "with conflicts"])
def test_a_run_that_is_killed_at_any_write_is_taken_back_or_finished(
    ready: World, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if line == "ours":
        ready.write("a.txt", numbered(5, l2=line))
        ready.commit()
    before, start = state(ready), ready.git("rev-parse", "HEAD")
    total = count_writes(ready, monkeypatch)
    after = state(ready)
    for at in range(1, total + 1, STEP):
        tried(lambda: abort(ready.project))
        ready.git("reset", "--quiet", "--hard", start)
        child = os.fork()
        if child == 0:
            writes.observer = At(at, lambda: os._exit(9))
            ready.update()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        monkeypatch.setattr(writes, "observer", At(-1, lambda: None))
        nothing = tried(lambda: abort(ready.project))
        assert state(ready) in ((before, after) if nothing else (before,)), at
        assert not list((ready.top / ".git").glob("copperplate*")), at
        assert not list((ready.top / ".git").glob("*.lock")), at
        assert not list((tmp_path / "tmp").iterdir())


def test_the_next_update_takes_a_killed_one_back_and_says_so(ready: World) -> None:
    def die_in_the_middle(verb: str, path: Path) -> None:
        if verb == "link" and path.name == "swap":
            os._exit(9)

    child = os.fork()
    if child == 0:
        writes.observer = die_in_the_middle
        ready.update()
        os._exit(0)
    os.waitpid(child, 0)
    assert ready.status() != ""
    result = ready.update()
    assert result.recovered == Recovery(ready.project, is_finished=False, kept=None)
    assert result.state is State.LANDED
    assert ready.status() == ""


SLOW_GIT = """\
#!/bin/sh
case "$*" in
*update-ref*) touch {place}/begun; while [ ! -e {place}/go ]; do sleep 0.01; done ;;
esac
exec {git} "$@"
"""


def test_a_git_that_outlives_a_killed_run_blocks_other_updates_until_its_end(
    ready: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what was taken back would have its branch moved after all."""
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(SLOW_GIT.format(place=tmp_path, git=shutil.which("git")))
    slow.chmod(0o755)
    before = state(ready)
    child = os.fork()
    if child == 0:
        monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
        ready.update()
        os._exit(0)
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    refused = tried(lambda: abort(ready.project))
    assert isinstance(refused, UpdateRunningError)
    (tmp_path / "go").touch()
    while tried(lambda: abort(ready.project)):
        time.sleep(0.01)
    assert state(ready) == before
