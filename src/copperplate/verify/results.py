"""What a verification found, as plain values."""

from dataclasses import dataclass
from enum import StrEnum

TAIL_LINES = 60
TAIL_WIDTH = 500
"""Of one line: a traceback in a JSON log is one line of many thousand characters."""


class CheckFailed(Exception):  # noqa: N818 - an outcome of the project, not an error of this program
    """A check of the project did not pass. The text says why, where no program has said it already."""


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not run, since a level that it needs has not passed."""


@dataclass(frozen=True, slots=True)
class LevelResult:
    name: str
    status: Status
    seconds: float
    output: str
    """All that the level's programs said, in order; of a skipped level, why it was skipped."""

    command: str
    """What was run, as one would type it in the project's folder; nothing for a skipped level."""

    @property
    def tail(self) -> str:
        """The end of the output, which says what is wrong, in lines that a terminal can hold."""
        return "\n".join(line[:TAIL_WIDTH] for line in self.output.splitlines()[-TAIL_LINES:])


@dataclass(frozen=True, slots=True)
class VerifyResult:
    levels: tuple[LevelResult, ...]

    @property
    def passed(self) -> bool:
        return all(level.status is Status.PASSED for level in self.levels)

    @property
    def exit_code(self) -> int:
        return 0 if self.passed else 1

    @property
    def seconds(self) -> float:
        return sum(level.seconds for level in self.levels)
