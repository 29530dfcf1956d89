"""However an update ends, the project is old, new, or restored by one `--abort`, and nothing is left behind."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.update.crashing import Patient, admitted

KILLS = 10
SIGNALS = 10


@pytest.fixture(params=[False, True], ids=["clean", "with conflicts"])
def patient(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Patient]:
    with admitted(tmp_path / "patient", conflicts=request.param) as made:
        yield made


@pytest.mark.parametrize("half", [0, 1])
def test_killed_at_any_write(patient: Patient, half: int) -> None:
    for write in range(1 + half, patient.writes + 1, 2):
        patient.killed_at(write)
        patient.recover(by_abort=write % 4 < 2)


@pytest.mark.parametrize("by_abort", [True, False], ids=["abort", "next run"])
def test_killed_when_all_is_done_but_the_tidying_up(patient: Patient, *, by_abort: bool) -> None:
    for write in range(patient.writes - 4, patient.writes + 1):
        patient.killed_at(write)
        patient.recover(by_abort=by_abort)


@pytest.mark.parametrize("number", [1, 2])
def test_killed_at_any_moment(patient: Patient, number: int) -> None:
    moments = random.Random(number)  # noqa: S311 - no secret
    for _ in range(KILLS):
        patient.killed_after(moments.uniform(0, patient.seconds))
        patient.recover(by_abort=moments.random() < 0.5)


def test_told_to_end_at_any_moment(patient: Patient) -> None:
    moments = random.Random(3)  # noqa: S311 - no secret
    for _ in range(SIGNALS):
        patient.signalled_after(moments.uniform(0, patient.seconds), moments.choice([signal.SIGINT, signal.SIGTERM]))
        patient.recover(by_abort=True)


def test_on_a_disk_that_is_full_from_any_write_on(patient: Patient) -> None:
    for write in range(1, patient.writes + 1, 3):
        patient.starved_at(write)
        patient.recover(by_abort=write % 2 == 0)
