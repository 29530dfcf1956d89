"""Projects of this checkout's template, rendered to folders that are reused."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from copperplate import lockfile, uv
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Value
from copperplate.templates import template
from testing import ROOT

LOCK = ROOT / "template.lock"

KEPT = {".venv", ".hypothesis"}
"""Files of an earlier project that are slow to make and the same for all. Hypothesis stores Unicode tables."""


def print_to(folder: Path, answers: Mapping[str, Value]) -> None:
    """Render a project to the folder, in which an earlier one has left `KEPT`."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.name not in KEPT:
            remove(entry)
    with template.from_checkout(ROOT) as source:
        checked = Answers.from_data({"project_name": "Shop"} | dict(answers), source.manifest)
        source.render(folder, checked)


def remove(entry: Path) -> None:
    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def lock(project: Path, python: str) -> None:
    """Pin and lock the rendered project, as `copperplate new --python` does."""
    (project / ".python-version").write_text(f"{python}\n")
    distribution = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    (project / "uv.lock").write_text(
        lockfile.with_root_name(LOCK.read_text(encoding="utf-8"), distribution), encoding="utf-8"
    )
    uv.lock(project)
