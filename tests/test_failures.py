"""Failure reports: the first line is the command that runs only this test again."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from testing import ROOT

FAILING = """
import pytest

@pytest.fixture
def broken():
    raise ValueError("no value")

@pytest.fixture
def unclean():
    yield
    raise ValueError("not removed")

def test_passes():
    pass

@pytest.mark.parametrize("text", ["it's \\"$HOME\\" [1]", "ü\\n"])
def test_fails_for_some_values(text):
    try:
        int(text)
    except ValueError as error:
        raise LookupError(text) from error

def test_has_a_broken_fixture(broken):
    pass

def test_leaves_something(unclean):
    pass

def test_says_so_itself():
    pytest.fail("first line\\nsecond line", pytrace=False)

def test_lacks_a_fixture(no_such_fixture):
    pass

@pytest.mark.xfail
def test_fails_as_expected():
    assert False
"""

HEADING = re.compile(r"_{3,} .+ _{3,}")
AGAIN = "Run it again: uv run pytest "


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_runtest_makereport\n")
    (tmp_path / "test_it.py").write_text(FAILING)
    return tmp_path


def run(suite: Path, *arguments: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("--tb=short",), ("--tb=native",)], ids=" ".join)
def test_each_failure_begins_with_the_command_that_runs_only_this_test(suite: Path, options: tuple[str, ...]) -> None:
    lines = run(suite, *options)
    failures = [number for number, line in enumerate(lines) if HEADING.fullmatch(line)]
    assert len(failures) == 6
    for number in failures:
        assert any(line.startswith(AGAIN) for line in lines[number + 1 : number + 3]), lines[number : number + 10]
    assert sum(line.startswith(AGAIN) for line in lines) == 6


def test_the_command_runs_only_that_test(suite: Path) -> None:
    commands = [line.removeprefix(AGAIN) for line in run(suite) if line.startswith(AGAIN)]
    for number, command in enumerate(commands[:3]):
        lines = run(suite, *shlex.split(command))
        assert f"{AGAIN}{command}" in lines, number
        assert "collected 1 item" in lines
