"""Kills, interrupts and starves updates, and looks at what is left."""

import os
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from copperplate import durable, interrupts
from copperplate.commands.update import abort
from copperplate.errors import RefusedError
from copperplate.updating.start import Wish
from copperplate.verify.launch import is_alive
from tests.update.property.acts import Act, Life
from tests.update.property.living import Living, begun
from tests.update.property.oracle import same
from tests.update.property.seeing import Files, seen

FREES = frozenset({"remove", "remove folder", "remove tree"})
"""What a full disk does not prevent."""
_VERSION = (
    Act("edit", file=1, line=15, size=2),
    Act("move", file=0, other=1),
    Act("enclose", file=2),
    Act("delete", file=3),
    Act("chmod", file=3),
    Act("add", other=2, size=3),
    Act("add", other=3),
)
_CLASH = (Act("change", file=1, line=15), Act("change", file=3, line=1))
_WORK = (Act("insert", file=1, line=1), Act("add", other=3), Act("odd", other=1))
_LOOSE = (Act("ignored"), Act("untracked", other=1))
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class State:
    """What a user would call the project: files, commit, index. Times and unreachable objects do not count."""

    files: Files
    head: bytes
    index: bytes


@dataclass
class Patient:
    """A project with an update that does something of every kind, tried again and again."""

    living: Living
    temporary: Path
    start: str
    before: State
    after: State
    writes: int
    seconds: float
    """How long an update takes that nothing stops."""
    told: Counter[str] = field(default_factory=Counter)

    def update(self) -> None:
        self.living.run(Wish())

    def killed_at(self, write: int) -> None:
        """Killed just before the n-th write."""

        def die() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        code = forked(lambda: self._watched(At(write, die)))
        assert code == -signal.SIGKILL
        self.told["killed at a write"] += 1

    def killed_after(self, delay: float) -> None:
        code = forked(self.update, after=delay, number=signal.SIGKILL)
        assert code in {0, -signal.SIGKILL}
        self.told["killed at a moment" if code else "done before it was killed"] += 1

    def signalled_after(self, delay: float, number: signal.Signals) -> None:
        """As the command line takes it: an exception, and nothing half done."""

        def run() -> None:
            with suppress(interrupts.Interrupted), interrupts.raised():
                self.update()
                return
            os._exit(_INTERRUPTED)

        code = forked(run, after=delay, number=number)
        assert code in {0, _INTERRUPTED, -number}, code
        self.told[f"{number.name}" if code else "done before it was told to end"] += 1
        if code == _INTERRUPTED:
            self._is(self.before, self.after)
            assert not list(self.temporary.iterdir()), "temporary files are left"

    def starved_at(self, write: int) -> None:
        """The disk is full from the n-th write on; whatever frees room is still possible."""

        def fail() -> None:
            raise OSError(28, "No space left on device")

        try:
            self._watched(At(write, fail, but=FREES, on=True))
        except RefusedError:
            self.told["disk full"] += 1
        else:
            self.told["done in spite of a full disk"] += 1

    def recover(self, *, by_abort: bool) -> None:
        """One `--abort`, or the next update, and all is as it was or as it was to be."""
        refused = refusal(lambda: abort(self.living.top)) if by_abort else refusal(self.update)
        if not by_abort:
            self._is(self.after)
            assert refused in {"", "waits"}
            self.told["conflicts were all there" if refused else "done by the next run"] += 1
        elif refused == "nothing":
            self._is(self.before, self.after)
            self.told["old or new at once"] += 1
        else:
            self._is(self.before)
            assert not refused
            self.told["restored by --abort"] += 1
        self._nothing_left()
        self.reset()

    def reset(self) -> None:
        with suppress(RefusedError):
            abort(self.living.top)
        self.living.git("reset", "--quiet", "--hard", self.start)
        assert self.state() == self.before

    def state(self) -> State:
        index = self.living.git("ls-files", "--stage", "-z")
        return State(seen(self.living.top), self.living.git("rev-parse", "HEAD^{tree}"), index)

    def _is(self, *expected: State) -> None:
        found = self.state()
        assert found in expected, _difference(expected[0], found)

    def _watched(self, observer: "At") -> None:
        with patch.object(durable, "observer", observer):
            self.update()

    def _nothing_left(self) -> None:
        waits = bool(self.living.unmerged())
        git = self.living.top / ".git"
        left = [path.name for path in git.iterdir() if path.name.startswith("copperplate")]
        assert left == (["copperplate"] if waits else []), f"left in .git: {left}"
        assert not list(git.glob("**/*.lock")), "a lock is left"
        assert not (git / "worktrees").exists(), "a work tree is left"
        assert not list(self.temporary.iterdir()), "temporary files are left"
        self.living.git("status", "--porcelain")


@contextmanager
def admitted(folder: Path, *, conflicts: bool) -> Iterator[Patient]:
    """With `conflicts` the update leaves some."""
    with begun(Life((_VERSION,), ()), folder, Counter()) as living:
        living.act((*(_CLASH if conflicts else ()), *_WORK))
        living.commit()
        living.act(_LOOSE)
        state = State({}, b"", b"")
        patient = Patient(living, folder / "tmp", living.head(), state, state, 0, 0.0)
        patient.before = patient.state()
        counter = At(-1, lambda: None)
        began = time.monotonic()
        patient._watched(counter)  # noqa: SLF001 - its own maker
        patient.seconds = time.monotonic() - began
        patient.writes = counter.count
        patient.after = patient.state()
        assert bool(living.unmerged()) == conflicts
        assert patient.before != patient.after
        patient.reset()
        yield patient


class At:
    """Counts writes, but for those of the kinds `but`, and acts at one of them; with `on` also at all that follow."""

    def __init__(self, at: int, act: Callable[[], object], *, but: Collection[str] = (), on: bool = False) -> None:
        self.count, self._at, self._act, self._but, self._on = 0, at, act, but, on

    def __call__(self, verb: str, path: Path) -> None:
        del path
        if verb in self._but:
            return
        self.count += 1
        if self.count == self._at or (self._on and self.count > self._at > 0):
            self._act()


def forked(action: Callable[[], None], *, after: float = 0, number: signal.Signals | None = None) -> int:
    """Run `action` in a process of its own, send it a signal after a while, and wait for all that it started."""
    with warnings.catch_warnings(action="ignore"):  # of threads: none of this process's is in the middle of anything
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            action()
            code = 0
        finally:
            os._exit(code)
    if number is not None:
        time.sleep(after)
        os.kill(child, number)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    while is_alive(child):  # a git that was at work when its parent died
        time.sleep(0.005)
    return code


def refusal(action: Callable[[], object]) -> str:
    """Whether there was nothing to take back, or conflicts wait; empty where it was done."""
    try:
        action()
    except RefusedError as refused:
        kinds = {"no update is in progress": "nothing", "is in progress": "waits"}
        return next((kind for said, kind in kinds.items() if said in refused.what), refused.what)
    return ""


def _difference(expected: State, found: State) -> str:
    try:
        same(expected.files, found.files)
    except AssertionError as error:
        return str(error)
    return "the commit" if expected.head != found.head else "the index"
