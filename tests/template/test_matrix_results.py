"""What a row's result is called, and when it is remembered."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.verify import LevelResult, Status, VerifyResult
from scripts.matrix import memory, projects, slots
from scripts.matrix.levels import PART, WHOLE
from scripts.matrix.results import Outcome, RowResult

PYTHON = Path(sys.executable)


def result(*statuses: Status) -> RowResult:
    levels = tuple(LevelResult(f"level-{number}", status, 1.5, "said", "x") for number, status in enumerate(statuses))
    return RowResult("row", "3.12", VerifyResult(levels), 2.0, 1.0)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a memory of its own."""
    monkeypatch.setattr(memory, "cache", lambda: tmp_path / "cache")
    path = tmp_path / "shop"
    (path / ".venv").mkdir(parents=True)
    (path / "app.py").write_text("x = 1\n")
    (path / ".copier-answers.yml").write_text("_commit: abc\n_src_path: /here\nlicense: MIT\n")
    return path


def test_the_levels_have_the_names_that_are_documented_in_that_order() -> None:
    assert [level.name for level in WHOLE] == [
        *("parse", "lock", "install", "format", "lint", "types", "migrations", "tests", "boot", "contract")
    ]
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


def test_what_has_passed_is_remembered_with_its_levels(project: Path) -> None:
    remembered = memory.of(project, {}, PYTHON)
    assert remembered.recall("row", "3.12") is None
    remembered.keep(result(Status.PASSED, Status.SKIPPED))
    recalled = memory.of(project, {}, PYTHON).recall("row", "3.12")
    assert recalled is not None
    assert recalled.told == "partly run earlier"
    assert [level.seconds for level in recalled.verified.levels] == [1.5, 1.5]


def test_what_has_failed_is_not_remembered(project: Path) -> None:
    remembered = memory.of(project, {}, PYTHON)
    remembered.keep(result(Status.FAILED))
    assert remembered.recall("row", "3.12") is None


def test_a_memory_that_cannot_be_read_is_none(project: Path) -> None:
    remembered = memory.of(project, {}, PYTHON)
    remembered.keep(result(Status.PASSED))
    (file,) = (project.parent / "cache" / "passed").iterdir()
    for content in ("", "{}", "[1]", '[{"status": "no such"}]'):
        file.write_text(content)
        assert remembered.recall("row", "3.12") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path / "app.py").write_text("x = 2\n"),
        lambda path: (path / "app.py").chmod(0o755),
        lambda path: (path / "app.py").rename(path / "main.py"),
        lambda path: (path / "more.py").touch(),
        lambda path: (path / ".copier-answers.yml").write_text("_commit: abc\nlicense: ISC\n"),
    ],
)
def test_any_change_of_its_files_makes_another_state(project: Path, change: Callable[[Path], object]) -> None:
    before = memory.of(project, {}, PYTHON)
    change(project)
    assert memory.of(project, {}, PYTHON) != before


def test_other_files_of_the_user_another_interpreter_or_other_levels_make_another_state(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = memory.of(project, {}, PYTHON)
    assert memory.of(project, {".env": "x"}, PYTHON) != before
    assert memory.of(project, {}, None) != before
    monkeypatch.setattr(memory, "JUDGES", memory.JUDGES[1:])
    assert memory.of(project, {}, PYTHON) != before


def test_the_commit_it_was_rendered_from_and_what_tools_have_made_do_not(project: Path) -> None:
    before = memory.of(project, {}, PYTHON)
    (project / ".copier-answers.yml").write_text("_commit: def\n_src_path: /there\nlicense: MIT\n")
    for folder in (".mypy_cache", *projects.KEPT):
        (project / folder).mkdir(exist_ok=True)
        (project / folder / "made").touch()
    assert memory.of(project, {}, PYTHON) == before


def test_a_slot_is_never_shared() -> None:
    with slots.taken() as one, slots.taken() as other:
        assert one.folder != other.folder
