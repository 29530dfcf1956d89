"""Script of the guide for a scheduled job: after any end, it leaves one commit or nothing."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from testing import ROOT
from testing.cli import Ran
from testing.git import git

Run = Callable[..., Ran]
GUIDE = (ROOT / "docs" / "updating.md").read_text(encoding="utf-8")
(SCRIPT,) = re.findall(r"```sh\n(.*?)```", GUIDE.partition("## Many projects")[2], re.DOTALL)
UPDATE = "from copperplate.cli.main import main; import sys; sys.argv = ['copperplate', 'update']; main()"
_PATIENCE_SECONDS = 30


@pytest.fixture
def project(copperplate: Run, small_template: Path, tmp_path: Path) -> Path:
    """A project whose README is in conflict with version 2 of its template."""
    template = shutil.copytree(small_template, tmp_path / "template")
    git("init", "--quiet", cwd=template)
    for version, text in (("1.0.0", "a project\n"), ("2.0.0", "a better project\n")):
        (template / "template" / "README.md").write_text(text)
        git("add", "--all", "--force", cwd=template)
        git("commit", "--quiet", "--message", version, cwd=template)
        git("tag", version, cwd=template)
    made = tmp_path / "shop"
    flags = ("--defaults", "--no-install", "--template", template, "--template-version", "1.0.0")
    ran = copperplate("new", made, *flags)
    assert ran.code == 0, ran.stderr
    (made / "README.md").write_text("our project\n")
    git("commit", "--all", "--quiet", "--message", "Ours", cwd=made)
    return made


def start(project: Path) -> subprocess.Popen[bytes]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["sh", "-c", SCRIPT]
    return subprocess.Popen(command, cwd=project, env=os.environ | {"PATH": path}, start_new_session=True)


def assert_nothing_is_left(project: Path) -> None:
    assert git("status", "--porcelain", cwd=project) == ""
    assert git("log", "-1", "--format=%s", cwd=project) == "Ours"
    assert not (project / ".git" / "copperplate").exists()
    assert (project / "README.md").read_text() == "our project\n"


def test_conflicts_are_aborted_and_reported(project: Path) -> None:
    assert start(project).wait() == 0
    result = json.loads((project.parent / "update.json").read_text())["result"]
    assert result["state"] == "conflicts"
    assert_nothing_is_left(project)


def test_an_update_that_is_refused_fails_the_job(project: Path) -> None:
    (project / "README.md").write_text("not committed\n")
    assert start(project).wait() == 3
    (project / "README.md").write_text("our project\n")
    assert (project.parent / "update.json").read_text() == ""
    assert_nothing_is_left(project)


def test_the_update_of_a_killed_job_is_taken_back(project: Path) -> None:
    subprocess.run([sys.executable, "-c", UPDATE], cwd=project, check=False, capture_output=True)
    assert "README.md" in git("diff", "--name-only", "--diff-filter=U", cwd=project)
    assert start(project).wait() == 3
    assert_nothing_is_left(project)


@pytest.mark.parametrize("to_all", [True, False], ids=["the group", "the shell"])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(number: signal.Signals, project: Path, *, to_all: bool) -> None:
    job = start(project)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (project / ".git" / "copperplate").exists():
        assert time.monotonic() < deadline, "the update was not applied"
        assert job.poll() is None, "the job ended before the update was applied"
    if to_all:
        os.killpg(job.pid, number)
    else:
        job.send_signal(number)
    assert job.wait() == 128 + number
    assert_nothing_is_left(project)
