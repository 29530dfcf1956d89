"""Processes: run a program until it ends, without a shell, and return its output as text or bytes."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from copperplate.system import folders, signals

_GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Completed:
    code: int
    stdout: str
    stderr: str

    @property
    def complaint(self) -> str:
        """Return the best reason for the failure: the first error with its first cause, or the last line."""
        lines = [line.strip() for line in (self.stderr or self.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith(("error", "fatal"))]
        causes = [line.partition(":")[2] for line in lines if line.lower().startswith(("cause:", "caused by:"))]
        if errors:
            return ":".join((errors[0], *causes[:1]))
        return (lines[-1:] or [f"exit code {self.code}"])[0]


@dataclass(frozen=True, slots=True)
class CompletedRaw:
    """Result whose output is bytes: names and contents of files, in any encoding."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> Completed:
        return Completed(self.code, _text(self.stdout), _text(self.stderr))


def run(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str], timeout: float | None = None
) -> Completed:
    """Run `command` in `cwd`. A signal to this process first ends the program, and is then raised.

    Raises `TimeoutError` after `timeout` seconds, after it has ended the program and all that it started.
    """
    return run_raw(command, cwd=cwd, environment=environment, timeout=timeout).text


def run_raw(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    timeout: float | None = None,
) -> CompletedRaw:
    process = None
    apart = 0 if signals.are_deferred() and timeout is None else None  # a Ctrl-C at the terminal does not reach it
    try:
        with signals.deferred():  # between fork and assignment, no other code knows the child
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=environment,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=timeout is not None,
                process_group=apart,
                pass_fds=tuple(folders.held_locks),
            )
        stdout, stderr = process.communicate(stdin or None, timeout)
    except BaseException as error:
        if process is not None:
            with signals.deferred():
                _end(process, signalled=os.killpg if timeout is not None else os.kill)
        if isinstance(error, subprocess.TimeoutExpired):
            raise TimeoutError(f"no answer within {timeout:g} s") from error
        raise
    return CompletedRaw(process.returncode, stdout, stderr)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def _end(process: subprocess.Popen[bytes], *, signalled: Callable[[int, int], None]) -> None:
    """End the program. If it has its own session, also end all that it started, which may keep its output open."""
    if process.poll() is None:
        signalled(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=_GRACE_SECONDS)
    if process.poll() is None or signalled is os.killpg:
        with suppress(ProcessLookupError, PermissionError):
            signalled(process.pid, signal.SIGKILL)
    process.communicate()
