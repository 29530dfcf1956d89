"""The commands of the rendered CI really run, read from its own files, in order and with the environment of each job.

What takes long or needs more than a shell is left out: `verify` runs mypy and the whole suite, and the containers need
an engine. The line that runs the tests is run once, for a few of them, to see what report and coverage it leaves.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml

from copperplate import uv
from testing.matrix.slots import Slot

pytestmark = pytest.mark.long

ELSEWHERE = re.compile(r"\b(mypy|docker|curl)\b")
FEW_TESTS = {"PYTEST_ADDOPTS": "tests/test_architecture.py --cov-fail-under=0", "PYTEST_XDIST_AUTO_NUM_WORKERS": "0"}


def load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def run(script: str, project: Path, job: Mapping[str, str]) -> str:
    """Run as the runners of both services do: in bash, which stops at the first failure."""
    home = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV", "PYTEST_"))}
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    path = f"{uv.binary().parent}:{home['PATH']}"
    env = {**home, "PATH": path, "CI": "true", **FEW_TESTS, **job}
    done = subprocess.run(argv, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"$ {script}\n{done.stdout}{done.stderr}"
    return done.stdout


def expanded(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables that name others, as GitLab resolves them."""
    known = dict(variables)
    while any("$" in value for value in known.values()):
        known = {name: Template(value).substitute(known) for name, value in known.items()}
    return known


def here(commands: Iterator[str]) -> list[str]:
    kept = [command for command in commands if not ELSEWHERE.search(command)]
    assert any("uv sync --locked" in command for command in kept)
    return kept


def test_the_steps_of_the_workflow_run(slot: Slot) -> None:
    project = slot.installed_project("row-3.12", {"ci": "github"}, "3.12")
    workflow = load(project / ".github" / "workflows" / "ci.yml")
    jobs = workflow["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"] if "run" in step]
    assert not any("${{" in step["run"] for step in steps)
    for command in here(step["run"] for step in steps if "pytest" not in step["run"]):
        run(command, project, workflow["env"])
    secrets = dict(line.split("=", 1) for line in (project / ".env").read_text(encoding="ascii").splitlines())
    needed = set(re.findall(r"\$\{(\w+):\?", (project / "compose.yaml").read_text(encoding="utf-8")))
    assert secrets.keys() == needed
    assert min(len(secret) for secret in secrets.values()) >= 64


def test_the_scripts_of_the_pipeline_run(slot: Slot, tmp_path: Path) -> None:
    project = slot.installed_project("row-3.12", {"ci": "gitlab"}, "3.12")
    pipeline = load(project / ".gitlab-ci.yml")
    usual, tests = pipeline["default"], pipeline["tests"]
    said = {}
    for name in ("checks", "tests"):
        matrix = pipeline[name].get("parallel", {}).get("matrix", [{"PYTHON": [pipeline["variables"]["PYTHON"]]}])
        variables = {**pipeline["variables"], "PYTHON": matrix[0]["PYTHON"][0], "CI_PROJECT_DIR": str(project)}
        commands = here(iter([*usual["before_script"], *pipeline[name]["script"]]))
        environment = expanded(variables)
        assert environment["UV_PYTHON"] == "3.12"
        said[name] = run("\n".join(commands), project, environment)
        run("\n".join(usual["after_script"]), project, environment | {"UV_CACHE_DIR": str(tmp_path)})
    found = re.findall(tests["coverage"].strip("/"), said["tests"], re.MULTILINE)
    assert len(found) == 1
    assert (project / tests["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8").startswith("<?xml")


def test_the_hooks_before_a_commit_pass(slot: Slot) -> None:
    project = slot.installed_project("row-3.12", {}, "3.12")
    said = run("git init --quiet && git add --all && uv run prek run --all-files", project, {"SKIP": "types"})
    results = dict(re.findall(r"^(.+?)\.{3,}(?:\(.*\))?(\w+)$", said, re.MULTILINE))
    assert set(results.values()) == {"Passed", "Skipped"}
    assert len(results) == len(load(project / ".pre-commit-config.yaml")["repos"][0]["hooks"])
