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
    """Package name for imports."""

    command: str
    """Name of the project's own command, which is the distribution's name."""

    tools: Path | None = None
    """Virtual environment whose programs check the project, in place of the project's own."""

    @property
    def servers(self) -> str:
        """Return the module that runs private servers; until 0.9.0 it was inside the package."""
        inside = self.path / "src" / self.package / "dev" / "__main__.py"
        return f"{self.package}.dev" if inside.exists() else f"{self.package}_dev"


TAIL_LINES = 60
TAIL_WIDTH = 500
"""Length limit of a line: a traceback in a JSON log is one line with thousands of characters."""


SLOWEST = 3
"""Number of checks, and of tests, in a summary."""

SLOW = 1.0
"""Seconds from which a check is named."""

_DURATION = re.compile(r"^([\d.]+)s (?:call|setup|teardown) +(\S.*?) *$", re.MULTILINE)
"""Line of pytest's list of the slowest tests."""


class CheckFailed(Exception):  # noqa: N818 - an outcome of the project, not an error of this program
    """Raised if a check of the project does not pass. The text says why, if no program has printed that."""


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not run, because a level that it needs has not passed, or because the project does not need it."""


@dataclass(frozen=True, slots=True)
class LevelResult:
    name: str
    status: Status
    seconds: float
    output: str
    """Output of the level's programs, in order; for a skipped level, the reason."""

    command: str
    """Commands that were run, as typed in the project's folder; none for a skipped level."""

    @property
    def tail(self) -> str:
        """Return the end of the output, which shows the error, in lines that fit a terminal."""
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
        """Return the slowest checks, the slowest first."""
        run = [Duration(level.name, level.seconds) for level in self.levels if level.seconds >= SLOW]
        return tuple(sorted(run, key=lambda found: -found.seconds)[:SLOWEST])

    @property
    def slowest_tests(self) -> tuple[Duration, ...]:
        """Return the slowest tests, from pytest's list."""
        output = "".join(level.output for level in self.levels if level.name == "tests")
        longest: dict[str, float] = {}
        for seconds, name in _DURATION.findall(output):  # the list may have a test twice, with its setup
            longest.setdefault(name, float(seconds))
        return tuple(Duration(name, seconds) for name, seconds in longest.items())[:SLOWEST]

    @property
    def passed(self) -> bool:
        return not any(level.status is Status.FAILED for level in self.levels)

    @property
    def exit_code(self) -> int:
        return 0 if self.passed else 1

    @property
    def seconds(self) -> float:
        """Return the seconds of all levels together, although some run at the same time."""
        return sum(level.seconds for level in self.levels)
