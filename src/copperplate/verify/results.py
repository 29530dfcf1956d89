"""Results of a verification, as plain values."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    path: Path
    """The project's folder, absolute."""

    package: str
    """The name that Python imports."""

    command: str
    """The project's own command, which is its distribution's name."""

    tools: Path | None = None
    """A virtual environment whose programs look at the project, instead of the one that the project has itself."""

    @property
    def servers(self) -> str:
        """The module that runs private servers; until 0.9.0 it was inside the package."""
        inside = self.path / "src" / self.package / "dev" / "__main__.py"
        return f"{self.package}.dev" if inside.exists() else f"{self.package}_dev"


TAIL_LINES = 60
TAIL_WIDTH = 500
"""Of one line: a traceback in a JSON log is one line of many thousand characters."""


SLOWEST = 3
"""Checks, and tests, that a summary names."""

SLOW = 1.0
"""Seconds from which on a check is worth naming."""

_DURATION = re.compile(r"^([\d.]+)s (?:call|setup|teardown) +(\S.*?) *$", re.MULTILINE)
"""A line of pytest's list of the slowest tests."""


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
class Duration:
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class VerifyResult:
    levels: tuple[LevelResult, ...]

    @property
    def slowest(self) -> tuple[Duration, ...]:
        """The checks that took longest, the slowest first."""
        run = [Duration(level.name, level.seconds) for level in self.levels if level.seconds >= SLOW]
        return tuple(sorted(run, key=lambda found: -found.seconds)[:SLOWEST])

    @property
    def slowest_tests(self) -> tuple[Duration, ...]:
        """The tests that took longest, as pytest lists them."""
        output = "".join(level.output for level in self.levels if level.name == "tests")
        longest: dict[str, float] = {}
        for seconds, name in _DURATION.findall(output):  # a test can be there twice, with its setup
            longest.setdefault(name, float(seconds))
        return tuple(Duration(name, seconds) for name, seconds in longest.items())[:SLOWEST]

    @property
    def passed(self) -> bool:
        return all(level.status is Status.PASSED for level in self.levels)

    @property
    def exit_code(self) -> int:
        return 0 if self.passed else 1

    @property
    def seconds(self) -> float:
        """Of all levels together, though some run at the same time."""
        return sum(level.seconds for level in self.levels)
