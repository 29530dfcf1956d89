"""Commands for the user to type: the one that does the same again, and the next ones."""

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from copperplate import uv
from copperplate.questions.answers import Answers, default_of
from copperplate.questions.manifest import Manifest, Value
from copperplate.questions.validation import derived_project_name

_UV_IS_MISSING = (
    "the command `uv` is not on your PATH, and the project's README uses it. To install it: `pipx install uv`, "
    "or see https://docs.astral.sh/uv/getting-started/installation/"
)
_ANOTHER_ENVIRONMENT = (
    "a virtual environment is active in this shell. The project has its own environment, so uv warns that "
    "VIRTUAL_ENV does not match. `unset VIRTUAL_ENV` ends the warning."
)


def equivalent(destination: str, answers: Answers, manifest: Manifest, flags: tuple[str, ...] = ()) -> str:
    """The command without prompts that gives the same project; answers that are defaults anyway are left out."""
    given = answers.data()
    folder = Path(os.path.abspath(destination)).name  # noqa: PTH100 - resolving would follow links
    assumed = {"project_name": derived_project_name(folder)}
    asked = [
        f"{question.name}={_written(given[question.name])}"
        for question in manifest.questions
        if question.name in given and given[question.name] != assumed.get(question.name, default_of(question, given))
    ]
    place = f"./{destination}" if destination.startswith("-") else destination
    data = [part for answer in asked for part in ("--data", answer)]
    return shlex.join(["copperplate", "new", place, "--defaults", *data, *flags])


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Start of the new project from where the user is."""

    commands: tuple[str, ...]
    notes: tuple[str, ...]
    """Facts about this machine that change what the user types."""


def next_steps(path: Path, answers: Answers) -> NextSteps:
    """Commands that can be pasted into this shell one after another."""
    commands: list[str] = []
    notes: list[str] = []
    if path != Path.cwd():
        commands.append(f"cd {shlex.quote(_from_here(path))}")
    uv_command = "uv"
    if shutil.which("uv") is None:
        notes.append(_UV_IS_MISSING)
        if shutil.which("pipx"):
            commands.append("pipx install uv")
        else:
            uv_command = shlex.quote(str(uv.binary()))
    active = os.environ.get("VIRTUAL_ENV")
    if active and Path(active) != path / ".venv" and "UV_RUN_RECURSION_DEPTH" not in os.environ:
        notes.append(_ANOTHER_ENVIRONMENT)
        commands.append("unset VIRTUAL_ENV")
    return NextSteps((*commands, f"{uv_command} run {answers.distribution_name} dev"), tuple(notes))


def _from_here(path: Path) -> str:
    """The path as `cd` understands it; a shell that came here through a link takes `..` for another folder."""
    relative = os.path.relpath(path)
    if relative.startswith("..") and os.environ.get("PWD") != str(Path.cwd()):
        return str(path)
    return f"./{relative}" if relative.startswith("-") else relative


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else value
