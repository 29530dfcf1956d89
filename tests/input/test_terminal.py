"""Bad input typed and pasted at the prompts, on a pseudo-terminal."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from copperplate.questions.validation import UnfitError, text
from testing import bad_input
from testing.terminal import Terminal
from tests.input.test_doors import FREE_TEXT, NAMES, REFUSED, by_three, recorded

ENTER, CLEAR_LINE, RUB_OUT = b"\r", b"\x15", b"\x7f"
ASKED = {
    "project_name": "Project title:",
    "distribution_name": "Package and command name:",
    "package_name": "Python package name:",
    "description": "Description:",
    "author_name": "Author:",
    "author_email": "Author's e-mail address:",
}
# One process prints many projects, for starting one takes longer than a project does.
PRINT_MANY = """
import sys
from copperplate.cli import main
count, *arguments = sys.argv[1:]
for number in range(int(count)):
    assert main.run(["new", f"shop-{number}", *arguments]) == 0
"""
CHOICES = ("license=MIT", "python_version=3.12", "adr_language=en")
OPTIONS = (
    *CHOICES,
    "example=yes",
    "container=yes",
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


@pytest.fixture
def printing(questions: Path, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start printing `count` projects that ask only what is in `asking`."""
    opened: list[Terminal] = []

    def start(*asking: str, count: int = 1) -> Terminal:
        given = {**NAMES, "description": "x", "author_name": "", "author_email": ""}
        data = [*OPTIONS, *(f"{name}={value}" for name, value in given.items() if name not in asking)]
        flags = ["--no-install", "--no-git", "--template", str(questions)]
        arguments = [*(part for answer in data for part in ("--data", answer)), *flags]
        terminal = Terminal([sys.executable, "-c", PRINT_MANY, str(count), *arguments], cwd=tmp_path)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()


def pasted(value: str) -> bytes:
    """Return the bytes of a text that is pasted: its line ends and escapes are no keys."""
    return b"\x1b[200~" + value.encode(errors="surrogatepass") + b"\x1b[201~"


@pytest.mark.parametrize("question", ASKED)
def test_bad_input_is_refused_until_a_valid_answer_is_typed(
    question: str, printing: Callable[..., Terminal], tmp_path: Path
) -> None:
    """Were one of them accepted, what follows it would answer the next question, and the good one would be lost."""
    good = {**NAMES, "description": "It sells.", "author_name": "Ada", "author_email": "ada@example.org"}[question]
    terminal = printing(question)
    terminal.expect(ASKED[question])
    for value in filter(None, REFUSED[question]):  # nothing typed takes the default
        terminal.type(CLEAR_LINE + pasted(value) + ENTER)
        terminal.type(RUB_OUT * (len(value.encode(errors="surrogatepass")) + 1))
        terminal.read()
    terminal.type(CLEAR_LINE + pasted(good) + ENTER)
    terminal.answer("Create the project", ENTER)
    assert terminal.end() == 0
    assert recorded(tmp_path / "shop-0")[question] == good
    assert "Traceback" not in terminal.seen


def test_the_prompt_says_what_is_wrong(printing: Callable[..., Terminal]) -> None:
    terminal = printing("description")
    terminal.answer("Description:", CLEAR_LINE + pasted("a\x1b[31mb") + ENTER)
    with pytest.raises(UnfitError) as unfit:
        text("a\x1b[31mb", longest=200)
    terminal.expect(f"'a\\x1b[31mb' {unfit.value}.")
    assert "\x1b[31mb" not in terminal.seen


def test_text_is_stored_as_typed(printing: Callable[..., Terminal], tmp_path: Path) -> None:
    cases = by_three(bad_input.TEXT)
    terminal = printing(*FREE_TEXT, count=len(cases))
    for given in cases:
        for question in FREE_TEXT:
            terminal.answer(ASKED[question], CLEAR_LINE + pasted(given.get(question, "x")) + ENTER)
        terminal.answer("Create the project", ENTER)
    assert terminal.end() == 0
    assert [recorded(tmp_path / f"shop-{number}").items() >= given.items() for number, given in enumerate(cases)] == (
        [True] * len(cases)
    )
