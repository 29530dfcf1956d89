"""Another process that writes during a command: its text stays in place, or the command says where it is saved."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.crashes.subjects import prepared
from testing.crashes.writers import VERBS, Writers
from testing.simulation.actions import Act
from tests.update.test_crashes import CASES

MOMENTS = 18


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def writers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Writers]:
    phase, drawn, _ = request.param
    with prepared(drawn, tmp_path / "subject", Counter(), phase) as subject:
        yield Writers(subject)


def test_changes_of_another_process_are_never_lost(writers: Writers) -> None:
    moments = random.Random(5)  # noqa: S311 - no secret
    for number in range(MOMENTS):
        act = Act(
            VERBS[number % len(VERBS)],
            file=moments.randrange(12),
            line=moments.randrange(9),
            other=moments.randrange(5),
        )
        writers.written_at(moments.randint(1, writers.subject.events), act)
