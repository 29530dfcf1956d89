"""Bad input to `set`: refused in two lines, with not one byte of the project changed; and text comes in as given."""

from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.templates import bundled
from testing import bad_input, history_stream
from testing.cli import Ran
from testing.git import git
from tests.input.test_doors import REFUSED, assert_refused, by_three, recorded

Run = Callable[..., Ran]


@pytest.fixture
def shop(questions: Path, copperplate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a template that is little more than its questions."""
    released = history_stream.appended(b"", "0.1.0", history_stream.working_tree(questions), epoch=0)
    monkeypatch.setattr(bundled, "stream", lambda: released)
    assert copperplate("new", tmp_path / "shop", "--defaults", "--no-install").code == 0
    return tmp_path / "shop"


def state(project: Path) -> str:
    """Return the commit of the branch, and the differences from it."""
    return git("status", "--porcelain=v2", "--branch", "--ignored", cwd=project)


@pytest.mark.parametrize("question", REFUSED)
def test_bad_input_is_refused(question: str, shop: Path, copperplate: Run, tmp_path: Path) -> None:
    before = state(shop)
    for value in REFUSED[question]:
        ran = copperplate("set", f"{question}={value}", "--project", shop)
        assert_refused(ran, tmp_path / "elsewhere", naming=question)
    assert state(shop) == before


@pytest.mark.parametrize("given", by_three(bad_input.TEXT)[:4], ids=repr)
def test_text_is_stored_as_given(given: dict[str, str], shop: Path, copperplate: Run) -> None:
    answers = [f"{name}={value}" for name, value in given.items()]
    ran = copperplate("set", *answers, "--project", shop, "--no-verify", "--no-lock")
    assert ran.code == 0, ran.stderr
    assert recorded(shop).items() >= given.items()
