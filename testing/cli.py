"""Result of the command line, run in the process of the test."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def complaint(self) -> list[str]:
        """The lines on standard error, without progress and warnings."""
        lines = [line for line in self.stderr.splitlines() if line[:1] not in {"✓", "✗"}]
        return [line for line in lines if not line.startswith("warning: ")]
