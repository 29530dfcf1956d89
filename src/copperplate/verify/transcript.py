"""The programs of one check, and their output."""

import os
import tempfile
from collections.abc import Sequence
from typing import Self


class Transcript:
    """A temporary file that programs write to themselves, so nothing is lost when one of them is killed."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by __exit__
        self.commands: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def begin(self, argv: Sequence[str]) -> None:
        """Note a command, as it would be typed."""
        self.commands.append(" ".join(argv))
        self.say(f"$ {self.commands[-1]}")

    def begun(self, commands: Sequence[Sequence[str]]) -> None:
        """Note those of the commands that a program says it has begun, one after the other, for us."""
        text, at = f"{self.text()}\n", 0
        for command in map(" ".join, commands):
            at = text.find(f"$ {command}\n", at) + 1
            if at == 0:
                break
            self.commands.append(command)

    def say(self, line: str) -> None:
        self.file.write(f"{line}\n".encode())

    def tail(self, size: int) -> bytes:
        """The last bytes, also while a program writes: it shares the position in the file, which must not move."""
        descriptor = self.file.fileno()
        return os.pread(descriptor, size, max(0, os.fstat(descriptor).st_size - size))

    def text(self) -> str:
        self.file.seek(0)
        return self.file.read().decode(errors="replace").rstrip()
