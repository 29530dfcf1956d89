"""One complete project, with every option on, passes every level. The other rows are run by `.ci/run`."""

import pytest

from copperplate.verify import LevelResult, Status, VerifyResult
from scripts.matrix import rows
from scripts.matrix.results import Outcome, RowResult
from scripts.matrix.run import run_row
from scripts.matrix.slots import Slot


def test_the_project_with_everything_on_passes_every_level(slot: Slot, pytestconfig: pytest.Config) -> None:
    (row,) = (row for row in rows.load()["pairs"] if row.name == "everything")
    result = run_row(slot, row, fresh=pytestconfig.getoption("fresh"))
    if result.outcome is Outcome.FAILED:
        pytest.fail(report(result), pytrace=False)
    if result.earlier or result.outcome is Outcome.PARTLY_RUN:  # neither is what this test's name says
        pytest.skip(f"{row.name}: {result.told}: {', '.join(names(result, Status.PASSED))}")


def names(result: RowResult, status: Status) -> list[str]:
    return [level.name for level in result.verified.levels if level.status is status]


def report(result: RowResult) -> str:
    again = f"Run the row again: {result.again}"
    table = [f"{level.name}: {level.status} in {level.seconds:.1f} s" for level in result.verified.levels]
    said = [level.tail for level in result.verified.levels if level.status is Status.FAILED]
    return "\n".join((again, *table, *said))


def test_a_row_that_fails_says_first_how_to_run_it_alone() -> None:
    levels = (LevelResult("lock", Status.PASSED, 0.1, "", ""), LevelResult("types", Status.FAILED, 2.0, "1 error", ""))
    lines = report(RowResult("everything", "3.12", VerifyResult(levels), 3.0, 2.0)).splitlines()
    assert lines[0] == "Run the row again: uv run python -m scripts.matrix run row everything --fresh"
    assert lines[-1] == "1 error"
