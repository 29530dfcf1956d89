"""Fork server for the command line: each run is a new process in which everything is already imported.

As a program, it is the server: it reads one job a line, and a forked child does it. An audit hook in the child sees
each write and each program just before it happens. It records them, and may kill the process at one of them.
"""

import errno
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from testing.crashes.events import Event, install

_CALLER_INTERRUPTED = 130


@dataclass(frozen=True)
class Job:
    arguments: list[str]
    folder: str
    environment: Mapping[str, str | None] = field(default_factory=dict)
    """Variables to set in the environment, or with None to remove."""
    kill_at: int = 0
    """The write, counted from 1, at which the process is killed; 0: none."""
    full_at: int = 0
    """The write from which the disk is full; 0: never."""
    user: int | None = None
    umask: int = 0o022


@dataclass(frozen=True)
class Done:
    code: int
    output: str
    writes: list[str]
    programs: list[list[str]]

    @property
    def complaint(self) -> list[str]:
        """The lines that are neither progress nor a warning."""
        return [line for line in self.output.splitlines() if not line.startswith(("✓", "✗", "warning: "))]


class Forks:
    """Client of the server, for the tests."""

    def __init__(self, *warm: str | Path) -> None:
        command = [sys.executable, "-m", "testing.forkserver", *map(str, warm)]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )

    def start(self, job: Job) -> int:
        """Start `job`, and return the id of its process, which leads its own process group."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(asdict(job)) + "\n")
        self._server.stdin.flush()
        return int(self._answer())

    def wait(self) -> Done:
        return Done(**json.loads(self._answer()))

    def run(self, job: Job) -> Done:
        self.start(job)
        return self.wait()

    def close(self) -> None:
        self._server.communicate()

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


class _Watch:
    """Recorder of events. It writes its records to files at once, because the process may be killed."""

    def __init__(self, job: Job, notes: int) -> None:
        self._job = job
        self._notes = notes
        self._writes = 0

    def __call__(self, event: Event) -> None:
        if event.kind == "program":
            self._note("program", event.command)
        elif event.is_write and event.path != os.devnull:
            self._writes += 1
            self._note("write", event.path)
            if self._writes == self._job.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            if 0 < self._job.full_at <= self._writes and event.kind == "create":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), event.path)

    def _note(self, kind: str, what: object) -> None:
        os.write(self._notes, (json.dumps([kind, what]) + "\n").encode())


def _serve(warm: list[str], run: Callable[[list[str]], int]) -> None:
    if warm:
        with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:  # noqa: PTH123
            _to(nowhere.fileno(), lambda: run(["new", f"{folder}/warm-up", *warm]))
    gc.freeze()  # otherwise the garbage collection of each child touches, and so copies, all of it
    for line in sys.stdin:
        job = Job(**json.loads(line))
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as notes:
            child = os.fork()
            if child == 0:
                _child(job, output.fileno(), notes.fileno(), run)
            _, status = os.waitpid(child, 0)
            output.seek(0)
            notes.seek(0)
            noted = [json.loads(note) for note in notes.read().splitlines()]
            done = Done(
                os.waitstatus_to_exitcode(status),
                output.read().decode(),
                [what for kind, what in noted if kind == "write"],
                [what for kind, what in noted if kind == "program"],
            )
        _tell(json.dumps(asdict(done)))


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _to(descriptor: int, run: Callable[[], int]) -> None:
    kept = os.dup(1), os.dup(2)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    run()
    sys.stdout.flush()
    os.dup2(kept[0], 1)
    os.dup2(kept[1], 2)


def _child(job: Job, output: int, notes: int, run: Callable[[list[str]], int]) -> None:
    os.setsid()
    _tell(str(os.getpid()))
    code = _CALLER_INTERRUPTED
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(job.folder)
        os.umask(job.umask)
        for name, value in job.environment.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        tempfile.tempdir = None
        if job.user is not None:
            os.setgroups([])
            os.setgid(job.user)
            os.setuid(job.user)
        install(_Watch(job, notes))
        code = run(job.arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    from copperplate.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    _serve(sys.argv[1:], main.run)
