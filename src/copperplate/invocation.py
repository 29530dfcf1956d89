"""Commands for the user to type: the one that does the same again, and the next ones."""

import os
import shlex
import shutil
from pathlib import Path

from copperplate.answers import Answers, default_of
from copperplate.fields import derived_project_name
from copperplate.manifest import Manifest, Value


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


def next_commands(path: Path, answers: Answers, *, installed: bool) -> tuple[str, ...]:
    """What starts the new project from where the user is."""
    change = f"cd {shlex.quote(os.path.relpath(path))}"
    if shutil.which("uv"):
        return change, f"uv run {answers.distribution_name} dev"
    if installed:
        return change, f".venv/bin/{answers.distribution_name} dev"
    return change, f"python3 -m pip install uv && python3 -m uv run {answers.distribution_name} dev"


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else value
