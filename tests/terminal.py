"""A pseudo-terminal, with a program on it and somebody who types."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_PATIENCE_SECONDS = 20


class Terminal:
    def __init__(self, command: Sequence[str], *, cwd: Path) -> None:
        self._ours, theirs = pty.openpty()
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=environment)
        os.close(theirs)
        self.seen = ""
        self._told_until = 0

    def expect(self, text: str) -> None:
        """Wait until `text` is shown, after what was expected before."""
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
        while self.process.poll() is None:
            self.read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def read(self) -> None:
        """Take what the program shows, if it shows something soon."""
        if select.select([self._ours], [], [], 0.1)[0]:
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:  # Linux: the other end is closed
                return
            self.seen += chunk.decode(errors="replace")
            if b"\x1b[6n" in chunk:  # asks where the cursor is, as terminals are asked
                self.type(b"\x1b[1;1R")
