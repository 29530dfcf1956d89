"""The tutorial in `docs/first-resource.md`, done as it is written there, in a project that was just printed."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from copperplate import uv
from testing import ROOT
from testing.matrix import slots
from testing.matrix.slots import Slot
from tests.projects.running import forget_development_data

pytestmark = pytest.mark.long

TUTORIAL = (ROOT / "docs" / "first-resource.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST_LINES = 250


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    shop = slot.installed_project("row-3.12", {}, "3.12")
    forget_development_data(shop)
    slots.warm_up_types(shop, "3.12")
    run(shop, "git", "init", "--quiet")
    return shop


def run(project: Path, *command: str, text: str | None = None) -> str:
    environment = uv.environment() | {"PATH": f"{uv.binary().parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=project, env=environment, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def touched(project: Path) -> int:
    """Lines of the copy that are not as they were in `items`, and those of `project.py`."""
    lines = 1 + (project / "src/shop/project.py").read_text().count("offers")
    for part in ("src/shop", "tests"):
        for copy in (project / part / "offers").glob("*.py"):
            original = project / part / "items" / copy.name
            command = ["git", "diff", "--no-index", "--numstat", str(original), str(copy)]
            counted = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
            lines += max(map(int, counted[:2]), default=0)
    return lines


def test_the_tutorial_leads_to_a_resource_whose_checks_pass(project: Path) -> None:
    blocks = BLOCK.findall(TUTORIAL)
    assert [kind for kind, _ in blocks] == ["console", "diff", "diff", "diff", "console", "console"]
    for kind, text in blocks:
        if kind == "diff":
            run(project, "git", "apply", "--whitespace=error", "-", text=text)
        else:
            run(project, "bash", "-euxc", text)
    assert touched(project) <= MOST_LINES
