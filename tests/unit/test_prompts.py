"""Prompts, on a pseudo-terminal as a user has one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from copperplate.errors import ExitCode
from tests.terminal import Terminal

ENTER, DOWN, CTRL_C = b"\r", b"\x1b[B", b"\x03"
LAST_OPTIONS = ("Continuous integration", "renovate.json", "metrics and traces")
OPTIONS_OFF = ("example=no", "container=no", "ci=none", "renovate=no", "observability=no")
NEW = (sys.executable, "-c", "from copperplate.cli import main; main()", "new")


@pytest.fixture
def terminal(small_template: Path, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal([*NEW, "shop", "--no-install", "--template", str(small_template)], cwd=tmp_path)
    yield terminal
    terminal.close()


def _answers(project: Path) -> dict[str, object]:
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert isinstance(recorded, dict)
    return recorded


def test_every_question_is_asked_with_its_default(terminal: Terminal, tmp_path: Path) -> None:
    terminal.answer("Name of the project", ENTER)
    terminal.answer("Name of the distribution", ENTER)
    terminal.answer("Name of the Python package", ENTER)
    terminal.answer("What it does", ENTER)
    terminal.answer("Author", b"Ada" + ENTER)
    terminal.answer("e-mail", b"nonsense" + ENTER)
    terminal.expect("not an e-mail address")
    terminal.type(b"\x15" + b"ada@example.org" + ENTER)
    terminal.answer("Licence", DOWN + ENTER)
    terminal.answer("Oldest Python", ENTER)
    terminal.answer("Language", ENTER)
    terminal.answer("items", b"n")
    terminal.answer("Dockerfile", ENTER)
    for question in LAST_OPTIONS:
        terminal.answer(question, ENTER)
    terminal.expect("Apache-2.0")  # in the summary
    terminal.answer("Print this project", ENTER)
    assert terminal.end() == 0
    answers = _answers(tmp_path / "shop")
    assert answers["project_name"] == "Shop"
    assert answers["author_email"] == "ada@example.org"
    assert answers["license"] == "Apache-2.0"
    assert answers["example"] is False


def test_ctrl_c_leaves_nothing(terminal: Terminal, tmp_path: Path) -> None:
    terminal.answer("Name of the project", ENTER)
    terminal.answer("Name of the distribution", CTRL_C)
    assert terminal.end() == ExitCode.INTERRUPTED
    assert "Traceback" not in terminal.seen
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_given_is_not_asked_and_no_prints_nothing(small_template: Path, tmp_path: Path) -> None:
    questions = ("project_name=Acme", "author_name=", "author_email=", "license=MIT", "python_version=3.12")
    more = ("adr_language=en", "description=It sells.", *OPTIONS_OFF)
    data = [part for answer in (*questions, *more) for part in ("--data", answer)]
    terminal = Terminal([*NEW, "shop", "--no-install", "--template", str(small_template), *data], cwd=tmp_path)
    terminal.answer("Name of the distribution", ENTER)
    terminal.answer("Name of the Python package", ENTER)
    terminal.answer("Print this project", b"n")
    assert terminal.end() == ExitCode.INTERRUPTED
    terminal.close()
    assert "Name of the project" not in terminal.seen
    assert list(tmp_path.iterdir()) == []


def test_after_a_failure_the_answers_are_shown_as_a_command(terminal: Terminal, tmp_path: Path) -> None:
    terminal.answer("Name of the project", b"\x15It's mine" + ENTER)
    for question in ("distribution", "Python package", "What it does", "Author", "e-mail", "Licence", "Oldest Python"):
        terminal.answer(question, ENTER)
    for question in ("Language", "items", "Dockerfile", *LAST_OPTIONS):
        terminal.answer(question, ENTER)
    terminal.expect("Print this project")
    (tmp_path / "shop").write_text("somebody else was faster")
    terminal.type(ENTER)
    assert terminal.end() == ExitCode.REFUSED
    terminal.expect("copperplate new shop --defaults --data 'project_name=It'\"'\"'s mine' --no-install")
    terminal.expect("error: ")
