"""Prompts on all kinds of terminals, and the ways to cancel them."""

import re
import signal
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from testing.terminal import Terminal
from tests.unit.cli.test_prompts import (
    CHOICES,
    CONFIRM,
    CORE,
    CTRL_C,
    CTRL_D,
    ENTER,
    OPTIONS,
    OPTIONS_OFF,
    ROWS,
    TEXTS,
    Open,
    choose_row,
    open_terminal,
    recorded_answers,
)

__all__ = ["open_terminal"]


STYLE = re.compile(r"\x1b\[([0-9;]*)m")


BOLD_TO_CROSSED_OUT = set(range(10))
"""Styles of text that are no colours."""


@pytest.mark.parametrize("prompt", [*TEXTS, *CHOICES, *OPTIONS, CONFIRM])
def test_ctrl_c_at_any_prompt_leaves_nothing(prompt: str, open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal()
    for question in (*TEXTS, *CHOICES, *OPTIONS, CONFIRM):
        terminal.answer(question, CTRL_C if question == prompt else ENTER)
        if question == prompt:
            break
    _assert_cancelled(terminal, tmp_path)


@pytest.mark.parametrize("prompt", ["Project title:", "Licence:", "Example resource"])
def test_an_interrupt_from_elsewhere_cancels_at_every_kind_of_prompt(
    prompt: str, open_terminal: Open, tmp_path: Path
) -> None:
    terminal = open_terminal()
    for question in (*TEXTS, *CHOICES, *OPTIONS):
        if question == prompt:
            break
        terminal.answer(question, ENTER)
    terminal.expect(prompt)
    while terminal.read():
        pass
    terminal.process.send_signal(signal.SIGINT)
    _assert_cancelled(terminal, tmp_path)


def test_ctrl_c_between_two_prompts_leaves_nothing(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal()
    terminal.expect("Nothing is written before you confirm.")
    terminal.process.send_signal(signal.SIGINT)
    _assert_cancelled(terminal, tmp_path)


def test_the_end_of_the_input_cancels(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal()
    terminal.answer("Project title:", CTRL_D)
    _assert_cancelled(terminal, tmp_path)


def test_cancel_in_the_summary_leaves_nothing(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(
        given=("project_name=Acme", "distribution_name=acme", "package_name=acme", *CORE, *OPTIONS_OFF)
    )
    choose_row(terminal, "Cancel")
    _assert_cancelled(terminal, tmp_path)
    assert "Project title:" not in terminal.seen  # what was given is not asked


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_a_prompt_leaves_nothing(number: signal.Signals, open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal()
    terminal.expect("Project title:")
    terminal.process.send_signal(number)
    assert terminal.end() == 128 + number
    assert "Traceback" not in terminal.seen
    assert list(tmp_path.iterdir()) == []


def _assert_cancelled(terminal: Terminal, place: Path) -> None:
    assert terminal.end() == ExitCode.INTERRUPTED
    terminal.expect("Cancelled. Nothing was written.")
    assert "error" not in terminal.seen
    assert "Traceback" not in terminal.seen
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_an_error_is_shown_whole_below_its_question(columns: int, open_terminal: Open) -> None:
    terminal = open_terminal(columns=columns)
    terminal.answer("Project title:", ENTER)
    terminal.answer("Package and command name:", b"Not A Name" + ENTER)
    terminal.expect("'Not A Name'")
    terminal.expect("Package and command name:")
    plain = STYLE.sub("", terminal.seen)
    message = plain[plain.rindex("  'Not A Name'") : plain.rindex("them.") + len("them.")]
    assert all(len(line) < columns for line in message.split("\r\n"))
    shown = " ".join(message.split())
    assert shown == "'Not A Name' is not made of lower-case letters a-z, digits and single hyphens between them."
    assert "distribution_name" not in terminal.seen
    terminal.type(CTRL_C)
    terminal.end()


def test_a_dumb_terminal_is_asked_in_plain_lines(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(TERM="dumb", columns=80)
    terminal.answer("Project title (Shop): ", b"\xff\n")
    terminal.expect("a lone surrogate")
    terminal.answer("Project title (Shop): ", b"Acme\n")
    terminal.answer("Package and command name (acme): ", b"\n")
    terminal.answer("Python package name (acme): ", b"\n")
    terminal.answer("Description (An async API", b"\n")
    terminal.answer("Author (Zo", b"-\n")
    terminal.answer("Author's e-mail address (zoe@example.org): ", b"nonsense\n")
    terminal.expect("'nonsense' is not an e-mail address")
    terminal.answer("Author's e-mail address (zoe@example.org): ", b"\n")
    terminal.answer("Licence: Type a number (1): ", b"2\n")
    terminal.answer("Oldest Python version: Type a number (1): ", b"9\n")
    terminal.expect("Type a number from 1 to 3.")
    terminal.answer("Oldest Python version: Type a number (1): ", b"\n")
    terminal.answer("Language of the decision records: Type a number (1): ", b"\n")
    terminal.answer("Example resource, `items` (Y/n): ", b"perhaps\n")
    terminal.expect("Type y or n.")
    terminal.answer("Example resource, `items` (Y/n): ", b"n\n")
    for question in OPTIONS[1:]:
        terminal.answer(question, b"\n")
    terminal.answer(f"{CONFIRM} Type a number (1): ", str(ROWS.index("Description:") + 1).encode() + b"\n")
    terminal.answer("Description (An async API", b"It sells.\n")
    terminal.answer(f"{CONFIRM} Type a number (1): ", b"\n")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.seen
    answers = recorded_answers(tmp_path / "shop")
    assert (answers["project_name"], answers["author_name"], answers["license"]) == ("Acme", "", "Apache-2.0")
    assert (answers["example"], answers["description"]) == (False, "It sells.")


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D])
def test_a_dumb_terminal_can_cancel(keys: bytes, open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(TERM="dumb")
    terminal.answer("Project title (Shop): ", b"\n")
    terminal.answer("Package and command name", keys)
    _assert_cancelled(terminal, tmp_path)


def test_no_color_shows_no_colour(open_terminal: Open) -> None:
    terminal = open_terminal(NO_COLOR="1")
    terminal.answer("(Shop)", ENTER)
    terminal.answer("Package and command name:", b"Not A Name" + ENTER)
    terminal.expect("is not made of")
    terminal.answer("Package and command name:", CTRL_C)
    terminal.end()
    codes = {int(code) for style in STYLE.findall(terminal.seen) for code in style.split(";") if code}
    assert codes <= BOLD_TO_CROSSED_OUT
