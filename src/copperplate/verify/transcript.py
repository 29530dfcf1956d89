"""What the programs of one level were, and what they said."""

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

    def say(self, line: str) -> None:
        self.file.write(f"{line}\n".encode())

    def text(self) -> str:
        self.file.seek(0)
        return self.file.read().decode(errors="replace").rstrip()
