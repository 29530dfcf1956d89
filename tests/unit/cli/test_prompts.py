"""Prompts, on a pseudo-terminal as a user has one."""

import shlex
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
    "Login with a provider",
    "Who rows belong to:",
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
        "oidc",
        "tenancy",
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
    "oidc=no",
    "tenancy=none",
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


def recorded_answers(project: Path) -> dict[str, object]:
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert isinstance(recorded, dict)
    return recorded


def choose_row(terminal: Terminal, row: str) -> None:
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
    answers = recorded_answers(tmp_path / "shop")
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
    assert recorded_answers(tmp_path / "shop")["project_name"] == "Acme Shop"


def test_the_arrow_up_brings_the_default_back_for_editing(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(
        given=("project_name=Acme", "distribution_name=acme", "package_name=acme", *OPTIONS_OFF, *CORE[:-1])
    )
    terminal.answer("Description:", UP + b" And more." + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    assert (
        recorded_answers(tmp_path / "shop")["description"] == "An async API on FastAPI, PostgreSQL and Redis. And more."
    )


def test_the_default_author_is_from_git_and_can_be_left_empty(open_terminal: Open, tmp_path: Path) -> None:
    given = ("project_name=Acme", "distribution_name=acme", "package_name=acme", *CORE[2:], *OPTIONS_OFF)
    terminal = open_terminal(given=given)
    terminal.answer("(Zoë Tester)", ENTER)
    terminal.expect("Type - to leave it empty.")
    terminal.answer("(zoe@example.org)", b"-" + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = recorded_answers(tmp_path / "shop")
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
    assert recorded_answers(tmp_path / "shop")["author_email"] == ""


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
        "Login with a provider": (b"y", True),
        "Who rows belong to:": (DOWN, "organisation"),
    }
    for row, (keys, _) in changes.items():
        choose_row(terminal, row)
        terminal.answer(row, keys + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = recorded_answers(tmp_path / "shop")
    assert [answers[name] for name in NAMES] == [value for _, value in changes.values()]


def test_names_follow_a_title_that_is_changed_unless_they_were_typed(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE, *OPTIONS_OFF))
    terminal.answer("Project title:", ENTER)
    terminal.answer("Package and command name:", ENTER)
    terminal.answer("Python package name:", b"ours" + ENTER)
    choose_row(terminal, "Project title:")
    terminal.answer("Project title:", b"Acme" + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = recorded_answers(tmp_path / "shop")
    assert (answers["distribution_name"], answers["package_name"]) == ("acme", "ours")


def test_a_name_that_cannot_be_derived_must_be_given(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(given=(*CORE, *OPTIONS_OFF))
    for question in TEXTS[:3]:
        terminal.answer(question, ENTER)
    choose_row(terminal, "Project title:")
    terminal.answer("Project title:", "東京".encode() + ENTER)
    terminal.answer("Package and command name:", ENTER)
    terminal.expect("is not 2 to 40 characters long")
    terminal.answer("Package and command name:", b"tokyo" + ENTER)
    terminal.answer(CONFIRM, ENTER)
    assert terminal.end() == 0
    answers = recorded_answers(tmp_path / "shop")
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
    assert recorded_answers(tmp_path / "shop") == recorded_answers(tmp_path / "first")


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
