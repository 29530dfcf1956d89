"""Subjects: projects just before `update`, `add`, `remove`, `set`, `--abort` or `--continue`, which can be reset."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from copperplate.commands.update import UpdateRequest
from copperplate.templates.releases import Releases
from testing.crashes.processes import Ended, Moment, Program
from testing.simulation.actions import Act, Life, Turn
from testing.simulation.simulation import Living, Told, begun
from testing.simulation.snapshots import Files, modes, seen
from testing.worlds import SOURCE

ABORT, CONTINUE = "--abort", "--continue"
PHASES = ("update", ABORT, CONTINUE)
_FOREVER = 10**9
VERSION = (
    Act("edit", file=1, line=15, size=2),
    Act("move", file=0, other=1),
    Act("enclose", file=2),
    Act("delete", file=3),
    Act("chmod", file=3),
    Act("add", other=2, size=3),
    Act("add", other=3),
)
CLASH = (Act("change", file=1, line=15), Act("change", file=3, line=1))
WORK = (Act("insert", file=1, line=1), Act("add", other=3), Act("odd", other=1))
LOOSE = (Act("ignored"), Act("untracked", other=1))


@dataclass(frozen=True, slots=True)
class State:
    """State of a project as a user sees it: files, modes, commit, index. Unreachable objects do not count."""

    files: Files
    modes: Mapping[str, int]
    tree: bytes
    index: bytes

    def difference(self, other: "State") -> str:
        parts = {"files": (self.files, other.files), "modes": (self.modes, other.modes)}
        for name, (mine, others) in parts.items():
            if paths := sorted(path for path in {*mine, *others} if mine.get(path) != others.get(path)):
                return f"{name} {paths}"
        return "the commit" if self.tree != other.tree else "the index"


@dataclass
class Subject:
    life: Life
    living: Living
    program: Program
    command: tuple[str, ...]
    phase: str
    begin: State
    """Before the update."""
    start: State
    """Before this command, which is the same unless it is `--abort` or `--continue`."""
    end: State
    """After it, if nothing happens."""
    code: int
    """Its exit code, if nothing happens."""
    events: int = 0
    writes: int = 0
    seconds: float = 0.0
    """Duration of the command."""

    def run(self, moment: Moment | None = None) -> Ended:
        return self.program.run(self.command, moment)

    def abort(self) -> Ended:
        return self.program.run(("update", self.living.top, ABORT))

    def keep(self) -> None:
        """Remember the project as it is now."""
        for folder in self._folders:
            _copy(folder, self._kept / folder.name)

    def reset(self) -> None:
        """Bring back the project as it was before the command."""
        for folder in self._folders:
            _copy(self._kept / folder.name, folder)

    def state(self) -> State:
        living = self.living
        tree, index = living.git("rev-parse", "HEAD^{tree}"), living.git("ls-files", "--stage", "-z")
        return State(seen(living.repository.top), modes(living.repository.top), tree, index)

    def nothing_left(self) -> None:
        """No lock, no journal, no temporary file; what the user's own work is kept in may stay."""
        git = self.living.repository.git_dir
        left = [path.name for path in git.iterdir() if path.name.startswith("copperplate")]
        waits = bool(self.living.unmerged())
        wrong = [name for name in left if not name.startswith("copperplate-kept") and not waits]
        assert not wrong, f"left in .git: {wrong}"
        assert not list(git.glob("**/*.lock")), "a lock is left"
        temporary = list(self._repository.with_name("tmp").iterdir())
        assert not temporary, f"temporary files are left: {temporary}"

    @property
    def _repository(self) -> Path:
        return self.living.repository.top

    @property
    def _folders(self) -> set[Path]:
        """The work tree, and the repository that it belongs to, which may be elsewhere."""
        return {self._repository, self.living.repository.git_dir.parent}

    @property
    def _kept(self) -> Path:
        return self._repository.with_name("kept")


class NotPossibleError(Exception):
    """The life has no such moment: nothing is to do, something is in the way, or nothing conflicts."""


def life(*, conflicts: bool, request: str = "update", extra: bool = False) -> Life:
    """One that does something of every kind."""
    turn = Turn((*(CLASH if conflicts else ()), *WORK), LOOSE, Act(request))
    return Life((VERSION,), (turn,), extra=extra)


@contextmanager
def prepared(drawn: Life, folder: Path, told: Told, phase: str = "update") -> Iterator[Subject]:
    with begun(drawn, folder, told) as living:
        turn = drawn.turns[0]
        living.hands.coming = living.coming()
        living.act(turn.work)
        living.commit()
        living.repository.set_late(lambda: "")
        living.act(tuple(act for act in turn.loose if act.verb in {"ignored", "untracked", "empty_folder"}))
        request, _, _ = living.wished(turn.request)
        program = Program(Releases(SOURCE, living.releases), (living.repository.top, living.repository.git_dir))
        empty = State({}, {}, b"", b"")
        subject = Subject(drawn, living, program, _command(request, living.top), "update", empty, empty, empty, 0)
        subject.begin = subject.start = subject.state()
        if phase != "update":
            _wait(subject, phase)
        _learn(subject)
        yield subject


def _wait(subject: Subject, phase: str) -> None:
    """Go on until conflicts wait, and for `--continue` are resolved."""
    living = subject.living
    if subject.run().code != 4:
        raise NotPossibleError
    if phase == CONTINUE:
        for path in living.unmerged():
            living.resolve(path)
    subject.phase, subject.command = phase, ("update", str(living.top), phase)
    if phase == CONTINUE:
        subject.command += ("--no-verify", "--no-lock")
    subject.start = subject.state()


def _learn(subject: Subject) -> None:
    """Learn how the command ends if nothing happens, and the number of its events."""
    subject.keep()
    ended = subject.run(Moment(_FOREVER, lambda: None))
    subject.end, subject.code, subject.events = subject.state(), ended.code, ended.events
    subject.reset()
    if ended.code not in {0, 4} or subject.end == subject.start:
        raise NotPossibleError
    began = time.monotonic()
    subject.writes = subject.run(Moment(_FOREVER, lambda: None, only_writes=True)).events
    subject.seconds = time.monotonic() - began
    subject.reset()


def _command(request: UpdateRequest, top: Path) -> tuple[str, ...]:
    rest = ("--no-verify", "--no-lock")
    there = ("--project", str(top))
    if request.on:
        return ("add", *request.on, *there, *rest)
    if request.off:
        return ("remove", *request.off, *there, *rest)
    if request.stay:
        return ("set", *request.data, *there, *rest)
    data = tuple(part for pair in request.data for part in ("--data", pair))
    return ("update", str(top), *(("--to", request.to) if request.to else ()), *data, *rest)


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target, symlinks=True)
