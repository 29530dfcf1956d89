import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from copperplate.commands import new
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest

Answered = Callable[..., Answers]


def test_answers_that_are_defaults_are_left_out(answered: Answered, asked: Manifest) -> None:
    assert new.equivalent("acme-shop", answered(), asked) == "copperplate new acme-shop --defaults"


def test_other_answers_are_quoted_for_a_shell(answered: Answered, asked: Manifest) -> None:
    command = new.equivalent("x", answered(author_name="$(id) 'q'", example=False), asked, ("--no-git",))
    assert shlex.split(command) == [
        *("copperplate", "new", "x", "--defaults", "--data", "project_name=Acme Shop"),
        *("--data", "author_name=$(id) 'q'", "--data", "example=false", "--no-git"),
    ]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A shell that finds only these programs, in an empty folder."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PWD", str(tmp_path / "work"))
    for name in ("VIRTUAL_ENV", "UV_RUN_RECURSION_DEPTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path / "work")

    def with_programs(*names: str) -> Path:
        for name in names:
            (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
            (tmp_path / "bin" / name).chmod(0o755)
        return tmp_path / "work"

    return with_programs


def test_the_next_commands_start_the_project(machine: Callable[..., Path], answered: Answered) -> None:
    here = machine("uv")
    steps = new.next_steps(here / "my shop", answered())
    assert steps.commands == ("cd 'my shop'", "uv run acme-shop dev")
    assert steps.notes == ()


def test_a_project_in_the_current_folder_needs_no_cd(machine: Callable[..., Path], answered: Answered) -> None:
    assert new.next_steps(machine("uv"), answered()).commands == ("uv run acme-shop dev",)


@pytest.mark.parametrize(("name", "command"), [("-rf", "cd ./-rf"), ("../shop", "cd ../shop"), ("a;b", "cd 'a;b'")])
def test_the_path_can_be_pasted(name: str, command: str, machine: Callable[..., Path], answered: Answered) -> None:
    here = machine("uv")
    path = Path(os.path.normpath(here / name))
    assert new.next_steps(path, answered()).commands[0] == command


def test_in_a_folder_that_was_entered_through_a_link_the_whole_path_is_shown(
    machine: Callable[..., Path], answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a shell takes `..` for the parent of the link."""
    here = machine("uv")
    monkeypatch.setenv("PWD", str(here.parent / "link"))
    assert new.next_steps(here.parent / "shop", answered()).commands[0] == f"cd {here.parent / 'shop'}"


def test_without_uv_pipx_installs_it(machine: Callable[..., Path], answered: Answered) -> None:
    here = machine("pipx")
    steps = new.next_steps(here / "shop", answered())
    assert steps.commands == ("cd shop", "pipx install uv", "uv run acme-shop dev")
    assert "not on your PATH" in steps.notes[0]


def test_without_uv_and_pipx_the_uv_of_this_package_is_named(machine: Callable[..., Path], answered: Answered) -> None:
    here = machine()
    steps = new.next_steps(here / "shop", answered())
    program, *arguments = shlex.split(steps.commands[1])
    assert os.access(program, os.X_OK)
    assert arguments == ["run", "acme-shop", "dev"]
    assert "not on your PATH" in steps.notes[0]


def test_in_another_virtual_environment_the_warning_of_uv_is_explained(
    machine: Callable[..., Path], answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("uv")
    monkeypatch.setenv("VIRTUAL_ENV", str(here / "env"))
    steps = new.next_steps(here / "shop", answered())
    assert steps.commands == ("cd shop", "unset VIRTUAL_ENV", "uv run acme-shop dev")
    assert "VIRTUAL_ENV does not match" in steps.notes[0]
    monkeypatch.setenv("VIRTUAL_ENV", str(here / "shop" / ".venv"))
    assert new.next_steps(here / "shop", answered()).notes == ()


def test_the_environment_of_uv_run_ends_with_it(
    machine: Callable[..., Path], answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/.venv")
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    assert new.next_steps(machine("uv") / "shop", answered()).notes == ()
