"""Application of an update: after any failure, the project is old, new, or can be restored."""

import os
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from copperplate.commands.update import abort
from copperplate.errors import Recovery, RefusedError
from copperplate.errors.updates import UpdateRunningError
from copperplate.update.result import State
from testing.crashes.events import Event, is_killed, watching
from testing.git import slow_git
from testing.snapshots import snapshot
from testing.worlds import World, numbered

STEP = int(os.environ.get("CRASH_STEP", "37"))
"""1 tries every single write."""


class At:
    """Counter of writes and programs, or only of the writes that need room; it acts at one of them."""

    def __init__(self, at: int, act: Callable[[], None], *, creates: bool = False) -> None:
        self.count, self._at, self._act, self._creates = 0, at, act, creates

    def __call__(self, event: Event) -> None:
        if self._creates and event.kind != "create":
            return
        self.count += 1
        if self.count == self._at:
            self._act()


def nth(number: int) -> Callable[[Event], bool]:
    seen = count(1)
    return lambda _: next(seen) == number


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


def count_writes(world: World, *, creates: bool = False) -> int:
    counter = At(-1, lambda: None, creates=creates)
    with watching(counter, world.top):
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


def test_a_disk_that_fills_up_at_any_write_changes_nothing(ready: World) -> None:
    before, start = state(ready), ready.git("rev-parse", "HEAD")
    total = count_writes(ready, creates=True)
    after = state(ready)
    for at in range(1, total + 1, STEP):
        ready.git("reset", "--quiet", "--hard", start)
        with watching(At(at, full, creates=True), ready.top):
            refused = tried(ready.update)
        assert state(ready) == (before if refused else after), at
        assert refused is None or "nothing has been changed" in refused.hint
        assert refused is None or ".copperplate-" not in refused.what
        ready.update()
        assert state(ready) == after


def test_a_disk_that_is_full_before_the_first_change_leaves_no_lock(ready: World) -> None:
    is_full = False

    def full_once_git_is_kept_off(event: Event) -> None:
        nonlocal is_full
        is_full = is_full or event.path.endswith("/index.lock")
        if is_full and event.kind == "create":
            full()

    with watching(full_once_git_is_kept_off, ready.top):
        assert tried(ready.update)
    assert ready.update().state is State.LANDED


@pytest.mark.parametrize("line", ["untouched", "ours"], ids=["clean", "with conflicts"])
def test_a_run_that_is_killed_at_any_write_is_taken_back_or_finished(ready: World, line: str, tmp_path: Path) -> None:
    if line == "ours":
        ready.write("a.txt", numbered(5, l2=line))
        ready.commit()
    before, start = state(ready), ready.git("rev-parse", "HEAD")
    total = count_writes(ready)
    after = state(ready)
    for at in range(1, total + 1, STEP):
        tried(lambda: abort(ready.project))
        ready.git("reset", "--quiet", "--hard", start)
        assert is_killed(ready.update, ready.top, when=nth(at))
        nothing = tried(lambda: abort(ready.project))
        assert state(ready) in ((before, after) if nothing else (before,)), at
        assert not list((ready.top / ".git").glob("copperplate*")), at
        assert not list((ready.top / ".git").glob("*.lock")), at
        assert not list((tmp_path / "tmp").iterdir())


def test_the_next_update_takes_a_killed_one_back_and_says_so(ready: World) -> None:
    assert is_killed(
        ready.update, ready.top, when=lambda event: event.name == "os.link" and event.path.endswith("/swap")
    )
    assert ready.status() != ""
    result = ready.update()
    assert result.recovered == Recovery(ready.project, is_finished=False, kept=None)
    assert result.state is State.LANDED
    assert ready.status() == ""


def test_a_git_that_outlives_a_killed_run_blocks_other_updates_until_its_end(
    ready: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what was taken back would have its branch moved after all."""
    slow = slow_git(tmp_path)
    before = state(ready)
    child = os.fork()
    if child == 0:
        monkeypatch.setenv("PATH", f"{slow}:{os.environ['PATH']}")
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
