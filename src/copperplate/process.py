"""Runs a program to its end: no shell, no standard input, output as text."""

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


def run(command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str]) -> Completed:
    """Run `command` in `cwd`; a signal that arrives here ends the program before it is passed on."""
    process = None
    try:
        with interrupts.held():  # between fork and assignment nobody else knows the child
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        stdout, stderr = process.communicate()
    except BaseException:
        if process is not None:
            with interrupts.held():
                _end(process)
        raise
    return Completed(process.returncode, stdout, stderr)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
