"""However a command ends, the project is old, new, or restored by one `--abort`, and nothing is left behind."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.update.crashing import ENDING, Crashes
from tests.update.subjects import ABORT, CONTINUE, life, prepared

KILLS = 6
SIGNALS = 12
CASES = {
    "a clean update": ("update", "update", False),
    "an update with conflicts": ("update", "update", True),
    "add": ("update", "flip", True),
    "set": ("update", "set", True),
    "abort": (ABORT, "update", True),
    "continue": (CONTINUE, "update", True),
}


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def crashes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crashes]:
    phase, wish, conflicts = request.param
    with prepared(life(conflicts=conflicts, wish=wish), tmp_path / "subject", Counter(), phase) as subject:
        yield Crashes(subject)


def test_a_command_killed_at_any_write_is_taken_back_or_finished(crashes: Crashes) -> None:
    subject = crashes.subject
    for write in range(1, subject.writes + 1):
        crashes.killed_at(write, by_abort=write % 2 == 0)
        if subject.phase != "update" or write > subject.writes - 6:  # when nearly all is done, it matters most
            crashes.killed_at(write, by_abort=write % 2 == 1)


def test_a_command_killed_at_any_moment_is_taken_back_or_finished(crashes: Crashes) -> None:
    moments = random.Random(1)  # noqa: S311 - no secret
    for _ in range(KILLS):
        crashes.killed_after(moments.uniform(0, crashes.subject.seconds), by_abort=moments.random() < 0.5)


def test_a_signal_at_any_moment_ends_a_command_as_its_exit_code_says(crashes: Crashes) -> None:
    moments = random.Random(3)  # noqa: S311 - no secret
    for number in ENDING:
        for _ in range(SIGNALS // len(ENDING)):
            crashes.signalled_at(moments.randint(1, crashes.subject.events), number)


def test_a_disk_that_is_full_from_any_write_on_changes_nothing(crashes: Crashes) -> None:
    for write in range(1, crashes.subject.writes + 1, 3):
        crashes.starved_at(write, by_abort=write % 2 == 0)
