"""Results of rows: their outcomes, and how they are printed."""

import pytest

from copperplate.verify import LevelResult, Status, VerifyResult
from scripts.matrix import screen, slots
from scripts.matrix.levels import OF_A_ROW, PART
from scripts.matrix.results import Outcome, RowResult


def result(*statuses: Status) -> RowResult:
    levels = tuple(LevelResult(f"level-{number}", status, 1.5, "said", "x") for number, status in enumerate(statuses))
    return RowResult("row", "3.12", VerifyResult(levels), 2.0, 1.0)


def test_the_levels_have_the_documented_names_and_order() -> None:
    levels = ["lock", "install", "format", "lint", "types", "migrations", "isolation", "tests", "boot", "contract"]
    assert [level.name for level in OF_A_ROW] == ["parse", "own tests", *levels]
    assert [level.name for level in PART] == ["lock", "format", "lint", "types"]


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((Status.PASSED, Status.PASSED), Outcome.PASSED),
        ((Status.PASSED, Status.SKIPPED), Outcome.PARTLY_RUN),
        ((Status.PASSED, Status.FAILED), Outcome.FAILED),
        ((Status.FAILED, Status.SKIPPED), Outcome.FAILED),
    ],
)
def test_a_row_has_passed_only_if_every_level_has(statuses: tuple[Status, ...], outcome: Outcome) -> None:
    assert result(*statuses).outcome is outcome


def test_a_row_that_fails_says_how_to_run_it_alone_and_the_last_line_counts(capsys: pytest.CaptureFixture[str]) -> None:
    passed, failed = result(Status.PASSED), result(Status.PASSED, Status.FAILED)
    with screen.Screen(2) as shown:
        shown.done(passed)
        shown.done(failed)
    lines = capsys.readouterr().err.splitlines()
    again = [line for line in lines if line.startswith("Run it again: ")]
    assert again == ["Run it again: uv run python -m scripts.matrix run row row --fresh"]
    assert lines.index(again[0]) < lines.index("said")
    screen.table([passed, failed], 61.4)
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed in 61 s"


def test_a_slot_is_never_shared() -> None:
    with slots.taken() as one, slots.taken() as other:
        assert one.folder != other.folder
