import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate import invocation
from copperplate.answers import Answers
from copperplate.manifest import Manifest

Answered = Callable[..., Answers]


def test_answers_that_are_defaults_anyway_are_left_out(answered: Answered, asked: Manifest) -> None:
    assert invocation.equivalent("acme-shop", answered(), asked) == "copperplate new acme-shop --defaults"


def test_other_answers_are_quoted_for_a_shell(answered: Answered, asked: Manifest) -> None:
    command = invocation.equivalent("x", answered(author_name="$(id) 'q'", example=False), asked, ("--no-git",))
    assert shlex.split(command) == [
        *("copperplate", "new", "x", "--defaults", "--data", "project_name=Acme Shop"),
        *("--data", "author_name=$(id) 'q'", "--data", "example=false", "--no-git"),
    ]


@pytest.mark.parametrize(
    ("uv_is_there", "installed", "command"),
    [
        (True, True, "uv run acme-shop dev"),
        (False, True, ".venv/bin/acme-shop dev"),
        (False, False, "python3 -m pip install uv && python3 -m uv run acme-shop dev"),
    ],
)
def test_the_next_command_works_here(  # noqa: PLR0913 - fixtures
    *,
    uv_is_there: bool,
    installed: bool,
    command: str,
    answered: Answered,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if uv_is_there:
        (tmp_path / "uv").write_text("#!/bin/sh\n")
        (tmp_path / "uv").chmod(0o755)
    place = Path(os.getcwd()) / "my shop"  # noqa: PTH109 - where the shell is
    assert invocation.next_commands(place, answered(), installed=installed) == ("cd 'my shop'", command)
