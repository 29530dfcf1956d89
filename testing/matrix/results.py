"""Result of a row."""

from dataclasses import dataclass
from enum import StrEnum

from copperplate.verify import Status, VerifyResult


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
        statuses = {level.status for level in self.verified.levels}
        if Status.FAILED in statuses:
            return Outcome.FAILED
        return Outcome.PARTLY_RUN if Status.SKIPPED in statuses else Outcome.PASSED

    @property
    def again(self) -> str:
        """Return the command that runs this row alone, even if it has passed before."""
        return f"uv run python -m scripts.matrix run row {self.name} --fresh"

    @property
    def told(self) -> str:
        return f"{self.outcome} earlier" if self.earlier else str(self.outcome)
