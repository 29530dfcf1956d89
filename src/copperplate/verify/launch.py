"""Run a program so that all it says is kept and nothing of it stays alive."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

GRACE = 10.0
"""Seconds that a program which is told to stop gets to clean up."""

ZOMBIE = "Z"
"""Has ended, and waits for an init that asks how: in some containers there is none."""


@contextmanager
def launched(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: IO[bytes],
    stdin: int = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in a session of its own; on leaving, it and all it started in that session are gone."""
    with subprocess.Popen(
        argv, cwd=cwd, env=env, stdin=stdin, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the program's whole session as Ctrl-C would, wait up to `GRACE` seconds, then kill what is left."""
    try:
        if process.poll() is None:
            _signal_session(process, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
    finally:  # a second Ctrl-C cuts the waiting short, and still nothing stays
        _signal_session(process, signal.SIGKILL)
        process.wait()


def leaves_something(process: subprocess.Popen[bytes], patience: float) -> bool:
    """Whether anything that an ended program has started in its session is still there after `patience` seconds."""
    deadline = time.monotonic() + patience
    while is_alive(process.pid):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


def is_alive(session: int) -> bool:
    """Whether any process of the session is left, those apart that have ended and that nobody has waited for."""
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
