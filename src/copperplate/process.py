"""Runs a program to its end: no shell, nothing on standard input but what is given, output as text or as it is."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate import interrupts

_GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Completed:
    code: int
    stdout: str
    stderr: str

    @property
    def complaint(self) -> str:
        """What says best why the program failed: the first error with its first cause, else the last line."""
        lines = [line.strip() for line in (self.stderr or self.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith(("error", "fatal"))]
        causes = [line.partition(":")[2] for line in lines if line.lower().startswith(("cause:", "caused by:"))]
        if errors:
            return ":".join((errors[0], *causes[:1]))
        return (lines[-1:] or [f"exit code {self.code}"])[0]


@dataclass(frozen=True, slots=True)
class CompletedRaw:
    """For output that is data: names and contents of files, in whatever encoding they have."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> Completed:
        return Completed(self.code, _text(self.stdout), _text(self.stderr))


def run(command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str]) -> Completed:
    """Run `command` in `cwd`; a signal that arrives here ends the program before it is passed on."""
    return run_raw(command, cwd=cwd, environment=environment).text


def run_raw(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str], stdin: bytes = b""
) -> CompletedRaw:
    process = None
    try:
        with interrupts.held():  # between fork and assignment nobody else knows the child
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=environment,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        stdout, stderr = process.communicate(stdin or None)
    except BaseException:
        if process is not None:
            with interrupts.held():
                _end(process)
        raise
    return CompletedRaw(process.returncode, stdout, stderr)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
