import json
from pathlib import Path

import pytest

from copperplate.console import messages, output
from copperplate.errors import BrokenError, Creation, Done, Recovery
from copperplate.verify.results import LevelResult, Status, VerifyResult


def test_an_error_is_two_lines_with_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    messages.error(BrokenError("a\nb\x1b[31m[bold]" + "c" * 300, "do\rthis"))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["error: a b [31m[bold]" + "c" * 300, "  hint: do this"]


def test_file_names_that_are_not_text_stay_distinguishable(capsys: pytest.CaptureFixture[str]) -> None:
    messages.error(BrokenError("\udcff\udc80.txt", "git add it"))
    assert capsys.readouterr().err.splitlines()[0] == "error: \\377\\200.txt"


@pytest.mark.parametrize(
    ("done", "shown"),
    [
        (
            Recovery(Path("/shop"), is_finished=True, kept=None),
            "an interrupted update of /shop has been finished: only its last step was missing",
        ),
        (
            Recovery(Path("/a"), is_finished=False, kept=Path("/kept")),
            "an interrupted update of /a has been taken back; other programs' changes to its files are saved in /kept",
        ),
        (Creation(Path("/shop")), "/shop was created"),
    ],
)
def test_work_that_was_done_before_an_error_is_printed_first(
    done: Done, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.error(BrokenError("a", "b", done=done))
    assert capsys.readouterr().err.splitlines() == [f"First: {shown}.", "error: a", "  hint: b"]


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({}, "error: a"),
        ({"FORCE_COLOR": "1"}, "\x1b[31m\x1b[1merror: \x1b[0ma"),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "error: a"),
    ],
)
def test_colours_are_shown_on_request(
    variables: dict[str, str], shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    messages.error(BrokenError("a", "b"))
    assert capsys.readouterr().err.splitlines()[0] == shown


def test_json_keeps_text_as_it_is_and_writes_paths_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.as_json({"name": "東京", "path": Path("/x"), "status": Status.FAILED, "steps": (1, 2)})
    shown = capsys.readouterr().out
    assert "東京" in shown
    assert json.loads(shown) == {"name": "東京", "path": "/x", "status": "failed", "steps": [1, 2]}


def test_the_last_lines_of_a_failed_check_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    output = "\n".join(f"line {number} [x]" for number in range(100))
    levels = (
        LevelResult("lint", Status.PASSED, 0.5, "fine", "ruff check"),
        LevelResult("tests", Status.FAILED, 1.25, output, "pytest"),
        LevelResult("boot", Status.SKIPPED, 0.0, "needs tests", ""),
    )
    messages.verify(VerifyResult(levels))
    shown = capsys.readouterr().out
    assert "line 99 [x]" in shown
    assert "line 40 [x]" in shown
    assert "line 39 [x]" not in shown
    assert "fine" not in shown


def test_a_step_that_fails_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    progress = output.LiveProgress()
    with progress.step("Render"):
        pass
    with pytest.raises(LookupError):
        _fail(progress)
    assert [line.split()[:2] for line in capsys.readouterr().err.splitlines()] == [["✓", "Render"], ["✗", "Lock"]]


def test_a_step_may_run_beside_others(capsys: pytest.CaptureFixture[str]) -> None:
    progress = output.LiveProgress()
    types, tests = progress.step("types"), progress.step("tests")
    with types:
        tests.__enter__()
        progress.count(4, 40)
    tests.__exit__(None, None, None)
    shown = [line.split()[:2] for line in capsys.readouterr().err.splitlines()]
    assert shown == [["tests", "4"], ["✓", "types"], ["✓", "tests"]]


def _fail(progress: output.LiveProgress) -> None:
    with progress.step("Lock"):
        raise LookupError


def test_without_a_terminal_a_long_step_prints_each_tenth_once(capsys: pytest.CaptureFixture[str]) -> None:
    progress = output.LiveProgress()
    with progress.step("tests"):
        for done in range(41):
            progress.count(done, 40)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split() for line in lines[:2]] == [["tests", "4", "of", "40"], ["tests", "8", "of", "40"]]
    assert len(lines) == 10


def test_the_slowest_checks_and_tests_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    output = (
        "= slowest 2 durations =\n3.20s call     tests/test_a.py::test_one\n0.10s setup    tests/test_b.py::test_two\n"
    )
    levels = (
        LevelResult("lint", Status.PASSED, 0.5, "fine", "ruff check"),
        LevelResult("tests", Status.PASSED, 12.25, output, "pytest"),
        LevelResult("boot", Status.SKIPPED, 0.0, "needs tests", ""),
    )
    messages.verify(VerifyResult(levels))
    shown = capsys.readouterr().out.splitlines()
    assert shown[-5:] == [
        "Slowest checks:",
        "    12.2 s  tests",
        "Slowest tests:",
        "     3.2 s  tests/test_a.py::test_one",
        "     0.1 s  tests/test_b.py::test_two",
    ]
