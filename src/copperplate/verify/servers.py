"""Servers for one verification: a PostgreSQL database and a Redis, private or from TEST_*_URL."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from copperplate.verify.results import CheckFailed

GRACE = 10.0
"""Seconds that a stopped program has to clean up."""
ZOMBIE = "Z"
"""States of a process that has ended but was not reaped: some containers have no init process."""


@contextmanager
def launch(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], output: IO[bytes], stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in its own session; on exit, end it and all processes of that session."""
    with subprocess.Popen(
        argv, cwd=cwd, env=env, stdin=stdin, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the program's whole session as Ctrl-C would, wait up to `GRACE` seconds, then kill the rest."""
    try:
        if process.poll() is None:
            _signal_session(process, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
    finally:  # a second Ctrl-C ends the wait, and still no process stays
        _signal_session(process, signal.SIGKILL)
        process.wait()


def leaves_something(process: subprocess.Popen[bytes], patience: float) -> bool:
    """True if a process in the session of an ended program still runs after `patience` seconds."""
    deadline = time.monotonic() + patience
    while is_alive(process.pid):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


def is_alive(session: int) -> bool:
    """True if a process of the session still runs; ended ones that were not reaped do not count."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    states = [state for state, group in map(_state_and_group, Path("/proc").glob("[0-9]*/stat")) if group == session]
    return not states or set(states) != {ZOMBIE}


def _state_and_group(stat: Path) -> tuple[str, int]:
    try:
        fields = stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended
        return "", 0
    return fields[0], int(fields[2])


def _signal_session(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


START_TIMEOUT = 60.0
"""Timeout in seconds for the start of the servers; 1 s is usual."""
IN_PROJECT = Path(__file__).with_name("in_project.py")
"""Programs for the project's own Python."""
EXTERNAL = {"DATABASE_URL": "TEST_DATABASE_URL", "REDIS_URL": "TEST_REDIS_URL"}
"""Each setting, with the variable that names a server for tests."""


@dataclass(frozen=True, slots=True)
class Servers:
    settings: Mapping[str, str]
    """Values of `DATABASE_URL` and `REDIS_URL` for the project."""
    origin: str


@contextmanager
def open_servers(
    in_project: Callable[..., Sequence[str]], private: str, *, env: Mapping[str, str], cwd: Path
) -> Iterator[Servers]:
    """Open an empty database and a Redis until the context is left; `private` is the project's module for servers.

    Raises `CheckFailed`, with the output of the servers, if they do not start.
    """
    borrowed = {setting for setting, variable in EXTERNAL.items() if env.get(variable)}
    settings: dict[str, str] = {}
    origins = []
    with ExitStack() as stack:
        if borrowed != EXTERNAL.keys():
            starter = in_project("python", "-m", private)
            settings |= stack.enter_context(_speaking(starter, set(EXTERNAL), env=env, cwd=cwd))
            origins.append("private servers")
        if borrowed:
            borrower = in_project("python", str(IN_PROJECT), "borrow")
            settings |= stack.enter_context(_speaking(borrower, borrowed, env=env, cwd=cwd))
            origins.append("borrowed servers")
        yield Servers(settings, " and ".join(origins))


@contextmanager
def _speaking(argv: Sequence[str], names: set[str], *, env: Mapping[str, str], cwd: Path) -> Iterator[dict[str, str]]:
    """Run a program that prints `NAME=URL` lines when ready, and cleans up when its input ends, as after a kill."""
    with (
        tempfile.TemporaryFile() as said,
        launch(argv, cwd=cwd, env=env, output=said, stdin=subprocess.PIPE) as process,
    ):
        try:
            deadline = time.monotonic() + START_TIMEOUT
            while not names <= (settings := _settings(said)).keys():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise CheckFailed(f"the servers did not start\n{_text(said)}".rstrip())
                time.sleep(0.02)
            yield settings
        finally:
            if process.stdin:
                process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)


def _settings(said: IO[bytes]) -> dict[str, str]:
    complete, _, _ = _text(said).rpartition("\n")
    return dict(line.split("=", 1) for line in complete.splitlines() if "=" in line)


def _text(said: IO[bytes]) -> str:
    """Read the output without moving the file's position, which the program shares."""
    return os.pread(said.fileno(), 1024 * 1024, 0).decode(errors="replace")
