"""Prompts, on a pseudo-terminal as a user has one."""

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from copperplate.errors import ExitCode
from testing.terminal import Terminal

ENTER, DOWN, UP, CTRL_C, CTRL_D, CLEAR_LINE = b"\r", b"\x1b[B", b"\x1b[A", b"\x03", b"\x04", b"\x15"
TEXTS = ("Project title:", "Package and command name:", "Python package name:", "Description:", "Author:", "Author's")
CHOICES = ("Licence:", "Oldest Python", "Language of the decision records:")
OPTIONS = (
    "Example resource",
    "Dockerfile and compose.yaml",
    "Continuous integration:",
    "Renovate configuration",
    "Metrics and traces",
    "Background jobs",
    "Mail",
    "Accounts and login:",
    "API keys",
)
ROWS = ("Create", *TEXTS, *CHOICES, *OPTIONS, "Cancel")
NAMES = (
    *("project_name", "distribution_name", "package_name", "description", "author_name", "author_email", "license"),
    *(
        "python_version",
        "adr_language",
        "example",
        "container",
        "ci",
        "renovate",
        "observability",
        "jobs",
        "mail",
        "auth",
        "api_keys",
    ),
)
CONFIRM = "Create the project, or change an answer?"
OPTIONS_OFF = (
    "example=no",
    "container=no",
    "ci=none",
    "renovate=no",
    "observability=no",
    "jobs=no",
    "mail=no",
    "auth=none",
    "api_keys=no",
)
CORE = (
    "author_name=",
    "author_email=",
    "license=MIT",
    "python_version=3.12",
    "adr_language=en",
    "description=It sells.",
)
NEW = (sys.executable, "-c", "from copperplate.cli.main import main; main()", "new")
IDENTITY = "[user]\n\tname = Zoë Tester\n\temail = zoe@example.org\n"
STYLE = re.compile(r"\x1b\[([0-9;]*)m")
BOLD_TO_CROSSED_OUT = set(range(10))
"""Styles of text that are no colours."""

Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal(small_template: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Start `new shop` on a terminal, for a user whom git knows."""
    opened: list[Terminal] = []
    config = tmp_path_factory.mktemp("git") / "config"
    config.write_text(IDENTITY)

    def start(*arguments: str, given: tuple[str, ...] = (), columns: int = 200, **variables: str) -> Terminal:
        data = [part for answer in given for part in ("--data", answer)]
        command = [*NEW, "shop", "--no-install", "--template", str(small_template), *data, *arguments]
        nobody = {"GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": ""}
        variables = {"GIT_CONFIG_GLOBAL": str(config), **nobody, **variables}
        opened.append(Terminal(command, cwd=tmp_path, columns=columns, variables=variables))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def _answers(project: Path) -> dict[str, object]:
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert isinstance(recorded, dict)
    return recorded


def _change(terminal: Terminal, row: str) -> None:
    """Choose a row of the summary."""
    terminal.answer(CONFIRM, DOWN * ROWS.index(row) + ENTER)


def _accept_all(terminal: Terminal) -> None:
    for question in (*TEXTS, *CHOICES, *OPTIONS):
        terminal.answer(question, ENTER)


def test_every_question_is_explained_and_has_a_default(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal()
    terminal.expect("The name that people read")
    terminal.answer("Project title:", ENTER)
    terminal.answer("Package and command name:", ENTER)
    terminal.answer("Python package name:", ENTER)
    terminal.answer("Description:", ENTER)
    terminal.answer("Author:", b"Ada" + ENTER)
    terminal.answer("Author's e-mail address:", b"nonsense" + ENTER)
    terminal.expect("'nonsense' is not an e-mail address")
    terminal.answer("Author's e-mail address:", b"ada@example.org" + ENTER)
    terminal.answer("Licence:", DOWN + ENTER)
    terminal.answer("Oldest Python", ENTER)
    terminal.expect("docs/adr/ explain why")
    terminal.answer("Language of the decision records:", ENTER)
    terminal.answer("Example resource", b"n" + ENTER)
    for question in OPTIONS[1:]:
        terminal.answer(question, ENTER)
    terminal.expect("Apache-2.0")  # in the command and in the summary
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = _answers(tmp_path / "shop")
    assert answers["project_name"] == "Shop"
    assert (answers["author_name"], answers["author_email"]) == ("Ada", "ada@example.org")
    assert answers["license"] == "Apache-2.0"
    assert answers["example"] is False


def test_typed_text_replaces_the_default(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE, *OPTIONS_OFF))
    terminal.expect("(Shop)")
    terminal.type(b"Acme Shop" + ENTER)
    terminal.answer("(acme-shop)", ENTER)
    terminal.answer("(acme_shop)", ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    assert _answers(tmp_path / "shop")["project_name"] == "Acme Shop"


def test_the_arrow_up_brings_the_default_back_for_editing(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(
        given=("project_name=Acme", "distribution_name=acme", "package_name=acme", *OPTIONS_OFF, *CORE[:-1])
    )
    terminal.answer("Description:", UP + b" And more." + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    assert _answers(tmp_path / "shop")["description"] == "An async API on FastAPI, PostgreSQL and Redis. And more."


def test_the_default_author_is_from_git_and_can_be_left_empty(open_terminal: Open, tmp_path: Path) -> None:
    given = ("project_name=Acme", "distribution_name=acme", "package_name=acme", *CORE[2:], *OPTIONS_OFF)
    terminal = open_terminal(given=given)
    terminal.answer("(Zoë Tester)", ENTER)
    terminal.expect("Type - to leave it empty.")
    terminal.answer("(zoe@example.org)", b"-" + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = _answers(tmp_path / "shop")
    assert (answers["author_name"], answers["author_email"]) == ("Zoë Tester", "")


def test_the_environment_of_git_goes_before_its_settings(open_terminal: Open) -> None:
    given = ("project_name=Acme", "distribution_name=acme", "package_name=acme", *CORE[2:], *OPTIONS_OFF)
    terminal = open_terminal(given=given, GIT_AUTHOR_NAME="Grace", GIT_AUTHOR_EMAIL="grace@example.org")
    terminal.answer("(Grace)", ENTER)
    terminal.answer("(grace@example.org)", CTRL_C)
    terminal.end()


def test_an_author_that_the_template_refuses_is_not_a_default(open_terminal: Open, tmp_path: Path) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Zoë Tester\n\temail = zoe@localhost\n")
    given = ("project_name=Acme", "distribution_name=acme", "package_name=acme", *CORE[2:], *OPTIONS_OFF)
    terminal = open_terminal(given=given, GIT_CONFIG_GLOBAL=str(config))
    terminal.answer("Author:", ENTER)
    terminal.expect("'zoe@localhost' cannot be used: it is not an e-mail address")
    terminal.answer("Author's e-mail address:", ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    assert _answers(tmp_path / "shop")["author_email"] == ""


def test_any_answer_can_be_changed_before_it_is_confirmed(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal()
    _accept_all(terminal)
    changes: dict[str, tuple[bytes, object]] = {
        "Project title:": (b"Acme Shop", "Acme Shop"),
        "Package and command name:": (b"acme", "acme"),
        "Python package name:": (b"acme_api", "acme_api"),
        "Description:": (b"It sells.", "It sells."),
        "Author:": (b"Ada", "Ada"),
        "Author's": (b"ada@example.org", "ada@example.org"),
        "Licence:": (DOWN, "Apache-2.0"),
        "Oldest Python": (DOWN, "3.13"),
        "Language of the decision records:": (DOWN, "nl"),
        "Example resource": (b"n", False),
        "Dockerfile and compose.yaml": (b"n", False),
        "Continuous integration:": (DOWN, "gitlab"),
        "Renovate configuration": (b"y", True),
        "Metrics and traces": (b"ny", True),  # until Enter, a key can be corrected
        "Background jobs": (b"y", True),
        "Mail": (b"y", True),
        "Accounts and login:": (UP + UP + UP, "session"),
        "API keys": (b"y", True),
    }
    for row, (keys, _) in changes.items():
        _change(terminal, row)
        terminal.answer(row, keys + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = _answers(tmp_path / "shop")
    assert [answers[name] for name in NAMES] == [value for _, value in changes.values()]


def test_names_follow_a_title_that_is_changed_unless_they_were_typed(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE, *OPTIONS_OFF))
    terminal.answer("Project title:", ENTER)
    terminal.answer("Package and command name:", ENTER)
    terminal.answer("Python package name:", b"ours" + ENTER)
    _change(terminal, "Project title:")
    terminal.answer("Project title:", b"Acme" + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = _answers(tmp_path / "shop")
    assert (answers["distribution_name"], answers["package_name"]) == ("acme", "ours")


def test_a_name_that_cannot_be_derived_must_be_given(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE, *OPTIONS_OFF))
    for question in TEXTS[:3]:
        terminal.answer(question, ENTER)
    _change(terminal, "Project title:")
    terminal.answer("Project title:", "東京".encode() + ENTER)
    terminal.answer("Package and command name:", ENTER)
    terminal.expect("is not 2 to 40 characters long")
    terminal.answer("Package and command name:", b"tokyo" + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = _answers(tmp_path / "shop")
    assert (answers["project_name"], answers["package_name"]) == ("東京", "tokyo")


def test_the_summary_shows_a_command_that_gives_the_same_project(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE[:-1], *OPTIONS_OFF), columns=2000)
    terminal.answer("Project title:", b"It's $HOME" + ENTER)
    terminal.answer("Package and command name:", b"acme" + ENTER)
    terminal.answer("Python package name:", ENTER)
    terminal.answer("Description:", b'"So" it is.' + ENTER)
    terminal.expect("To repeat this without questions:")
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    command, *_ = [line for line in terminal.seen.splitlines() if line.startswith("  copperplate new")]
    (tmp_path / "shop").rename(tmp_path / "first")
    again = [sys.executable, "-c", NEW[2], *shlex.split(command)[1:]]
    assert subprocess.run(again, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    assert _answers(tmp_path / "shop") == _answers(tmp_path / "first")


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
    _change(terminal, "Cancel")
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
    answers = _answers(tmp_path / "shop")
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


def test_a_warning_about_a_template_without_versions_comes_before_the_first_question(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.expect("the template is a folder")
    terminal.answer("Project title:", CTRL_C)
    terminal.end()


def test_after_a_failure_the_answers_are_shown_as_a_command(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE, *OPTIONS_OFF))
    terminal.answer("Project title:", b"It's mine" + ENTER)
    for question in TEXTS[1:3]:
        terminal.answer(question, ENTER)
    terminal.expect(CONFIRM)
    (tmp_path / "shop").write_text("somebody else was faster")
    terminal.type(ENTER)
    assert terminal.end() == ExitCode.REFUSED
    terminal.expect("copperplate new shop --defaults --data 'project_name=It'\"'\"'s mine'")
    terminal.expect("error: ")
    assert (tmp_path / "shop").read_text() == "somebody else was faster"
