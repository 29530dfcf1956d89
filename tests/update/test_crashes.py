"""Crashes of commands: the project is old, new, or restored by one `--abort`, and nothing is left behind."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from testing.crashes.crashes import ENDING, Crashes
from testing.crashes.subjects import ABORT, CONTINUE, Subject, life, prepared

KILLS = 4
SIGNALS = 6
CASES = {
    "a clean update": ("update", life(conflicts=False), 4),
    "an update with conflicts": ("update", life(conflicts=True), 3),
    "add": ("update", life(conflicts=True, request="flip"), 6),
    "remove": ("update", life(conflicts=True, request="flip", extra=True), 6),
    "set": ("update", life(conflicts=True, request="set"), 6),
    "abort": (ABORT, life(conflicts=True), 2),
    "continue": (CONTINUE, life(conflicts=True), 1),
}
"""The phase, the life, and how far apart the writes are at which the command is killed on every change."""


@dataclass(frozen=True, slots=True)
class Case:
    crashes: Crashes
    step: int

    @property
    def subject(self) -> Subject:
        return self.crashes.subject


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    phase, drawn, step = request.param
    with prepared(drawn, tmp_path / "subject", Counter(), phase) as subject:
        yield Case(Crashes(subject), step)


@pytest.mark.long
def test_a_command_killed_at_each_write_is_taken_back_or_finished(case: Case) -> None:
    for write in range(1, case.subject.writes + 1):
        case.crashes.killed_at(write, by_abort=write % 2 == 0)


def test_a_command_killed_at_some_writes_is_taken_back_or_finished(case: Case) -> None:
    for number, write in enumerate(range(1, case.subject.writes + 1, case.step)):
        case.crashes.killed_at(write, by_abort=number % 2 == 0)


def test_a_command_killed_at_its_last_writes_is_taken_back_or_finished(case: Case) -> None:
    """After nearly all is done, the next step matters most."""
    last = case.subject.writes
    for write in range(max(1, last - 6), last + 1):
        for by_abort in (False, True):
            case.crashes.killed_at(write, by_abort=by_abort)


def test_a_command_killed_at_any_moment_is_taken_back_or_finished(case: Case) -> None:
    moments = random.Random(1)  # noqa: S311 - no secret
    for _ in range(KILLS):
        case.crashes.killed_after(moments.uniform(0, case.subject.seconds), by_abort=moments.random() < 0.5)


def test_a_signal_at_any_moment_ends_a_command_as_its_exit_code_says(case: Case) -> None:
    moments = random.Random(3)  # noqa: S311 - no secret
    for number in ENDING:
        for _ in range(SIGNALS // len(ENDING)):
            case.crashes.signalled_at(moments.randint(1, case.subject.events), number)


def test_a_disk_that_is_full_from_any_write_on_changes_nothing(case: Case) -> None:
    for write in range(1, case.subject.writes + 1, 3 * case.step):
        case.crashes.starved_at(write, by_abort=write % 2 == 0)
