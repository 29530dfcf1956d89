"""Result of a row."""

from dataclasses import dataclass
from enum import StrEnum

from copperplate.verify import LEVELS, Status, VerifyResult

_OPTIONAL = {level.name for level in LEVELS if level.unneeded}


class Outcome(StrEnum):
    PASSED = "passed"
    PARTLY_RUN = "partly run"
    """All levels that could run have passed, but the machine lacks the row's interpreter."""

    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RowResult:
    name: str
    python: str
    verified: VerifyResult
    seconds: float
    """Seconds of everything, with rendering and locking."""

    cpu_seconds: float
    earlier: bool = False
    """Nothing was run: the same files have passed the same levels before."""

    @property
    def outcome(self) -> Outcome:
        levels = self.verified.levels
        if any(level.status is Status.FAILED for level in levels):
            return Outcome.FAILED
        skipped = {level.name for level in levels if level.status is Status.SKIPPED} - _OPTIONAL
        return Outcome.PARTLY_RUN if skipped else Outcome.PASSED

    @property
    def again(self) -> str:
        """Return the command that runs this row alone, even if it has passed before."""
        return f"uv run python -m scripts.matrix run row {self.name} --fresh"

    @property
    def told(self) -> str:
        return f"{self.outcome} earlier" if self.earlier else str(self.outcome)
