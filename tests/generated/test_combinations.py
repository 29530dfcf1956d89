"""Every two values of any two answers meet in some project; each such project is well-formed, formatted and typed."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from copperplate import uv
from tests.generated import pairs
from tests.generated.rows import PAIRWISE, PARAMETERS
from tests.generated.slots import Slot

PYTHON = "3.12"

PARSERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
}


@pytest.fixture(scope="session")
def mypy(slot: Slot) -> Path:
    """The type checker of a project that has everything installed."""
    return slot.installed_project(f"superset-{PYTHON}", {}, PYTHON) / ".venv" / "bin" / "mypy"


def test_the_rows_hold_every_pair_of_values() -> None:
    held = {pair for row in PAIRWISE for pair in pairs.pairs_in(row)}
    assert held == pairs.all_pairs(PARAMETERS)


@pytest.mark.parametrize("number", range(len(PAIRWISE)))
def test_a_combination_renders_well_formed_formatted_and_typed(slot: Slot, mypy: Path, number: int) -> None:
    project = slot.project("combination", PAIRWISE[number])
    for file in (path for path in project.rglob("*") if path.is_file()):
        text = file.read_text(encoding="utf-8")
        PARSERS.get(file.suffix, str)(text)
        assert text.endswith("\n") or not text, f"{file} does not end with a newline"
    check(project, sys.executable, "-m", "ruff", "format", "--check", ".")
    check(project, sys.executable, "-m", "ruff", "check", "--no-fix", ".")
    slot.warm_up_types(project, PYTHON)
    check(project, mypy)


def check(project: Path, *command: str | Path) -> None:
    done = subprocess.run(command, cwd=project, env=uv.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
