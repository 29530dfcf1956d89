"""Every two values of any two answers meet in some project, which passes every level that is run on each change."""

import pytest

from copperplate.verify import Status
from scripts.matrix import rows
from scripts.matrix.results import Outcome, RowResult
from scripts.matrix.rows import Row
from scripts.matrix.run import run_row
from scripts.matrix.slots import Slot

ROWS = sorted(rows.load()["pairs"], key=lambda row: row.place)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.python}")
def test_a_rendered_project_passes_every_level(slot: Slot, row: Row, pytestconfig: pytest.Config) -> None:
    result = run_row(slot, row, fresh=pytestconfig.getoption("fresh"))
    assert result.outcome is not Outcome.FAILED, report(result)
    if result.earlier or result.outcome is Outcome.PARTLY_RUN:  # neither is what this test's name says
        pytest.skip(f"{row.name}: {result.told}: {', '.join(names(result, Status.PASSED))}")


def names(result: RowResult, status: Status) -> list[str]:
    return [level.name for level in result.verified.levels if level.status is status]


def report(result: RowResult) -> str:
    table = [f"{level.name}: {level.status} in {level.seconds:.1f} s" for level in result.verified.levels]
    said = [level.tail for level in result.verified.levels if level.status is Status.FAILED]
    return "\n".join((*table, *said))
