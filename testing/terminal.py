"""Pseudo-terminal with a program and a user who types."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PATIENCE_SECONDS = 20
# The terminal has to be the one of the program's session: only then does Ctrl-C send a signal.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    def __init__(
        self, command: Sequence[str], *, cwd: Path, columns: int = 200, variables: Mapping[str, str] | None = None
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = os.environ | {"TERM": "xterm", "COLUMNS": str(columns)} | dict(variables or {})
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""
        self._told_until = 0

    def expect(self, text: str) -> None:
        """Wait until `text` is shown, after the text that was expected before."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (at := self.seen.find(text, self._told_until)) < 0:
            assert time.monotonic() < deadline, f"{text!r} was not shown in {self.seen[self._told_until :]!r}"
            self.read()
        self._told_until = at + len(text)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def answer(self, question: str, keys: bytes) -> None:
        self.expect(question)
        self.type(keys)

    def end(self) -> int:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"the program did not end after {self.seen[self._told_until :]!r}"
            self.read()
        while self.read():
            pass
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def read(self) -> bool:
        """Read the output, if there is some soon; otherwise return False."""
        if not select.select([self._ours], [], [], 0.1)[0]:
            return False
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # Linux: the other end is closed
            return False
        self.seen += chunk.decode(errors="replace")
        if b"\x1b[6n" in chunk:  # the query of a terminal for the position of its cursor
            self.type(b"\x1b[1;1R")
        return bool(chunk)
