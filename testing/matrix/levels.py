"""Levels of a row: those of `copperplate verify`, and those that need the template."""

import re
import tomllib
from dataclasses import replace

from copperplate.verify import LEVELS, Level
from copperplate.verify.levels import ISOLATION, tests
from copperplate.verify.results import CheckFailed
from copperplate.verify.session import Log, Session
from testing import template_tests
from testing.contract import CONTRACT
from testing.matrix import libraries
from testing.matrix.projects import LOCK
from testing.parse import PARSE

_FLOOR = re.compile(r'requires-python = ">=([^"]+)"')


def _resolves(session: Session, log: Log) -> None:
    """`uv lock` asks for the interpreter; a resolution for it on the locked versions does not.

    Usually all data is in uv's cache. Without this, uv would ask the index again for each package, which is slow.
    """
    pins = session.scratch / "pins.txt"
    pins.write_text("".join(f"{name}=={version}\n" for name, version in libraries.pins(LOCK).items()))
    wanted = ("--python-version", _floor(session), "--group", "dev", "--constraint", str(pins))
    output = ("--output-file", str(session.scratch / "resolved.txt"))
    command = ("uv", "pip", "compile", "--quiet", "--universal", *wanted, *output, "pyproject.toml")
    try:
        session.run(log, *command, "--offline")
    except CheckFailed:
        session.run(log, *command)


def _types_as_target(session: Session, log: Log) -> None:
    session.run(log, "mypy", "--python-version", _floor(session))


def _floor(session: Session) -> str:
    found = _FLOOR.search((session.target.path / "pyproject.toml").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def _without_an_environment(level: Level) -> Level:
    match level.name:
        case "lock":
            return replace(level, check=_resolves)
        case "types":
            return replace(level, check=_types_as_target, needs=())
        case _:
            return replace(level, needs=())


_COVERAGE = """\
[run]
core = sysmon
source = src
omit = **/reloader.py

[report]
include = {include}
fail_under = 95
show_missing = True
skip_covered = True
"""
"""Coverage by statements, which costs nothing; to count branches before Python 3.14 takes as long as the tests."""


def _of_the_template(session: Session, log: Log) -> None:
    """Run the template's own tests, with the coverage of the code that the project's own do not measure.

    Those of the project have run by now.
    """
    path = session.target.path
    pyproject = tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8"))
    include = pyproject["tool"]["coverage"]["run"]["omit"]
    config = session.scratch / "coveragerc"
    config.write_text(_COVERAGE.format(include=", ".join(include)), encoding="utf-8")
    tests(*template_tests.laid(path), "--cov", f"--cov-config={config}").check(session, log)


def _placed(level: Level) -> Level:
    match level.name:
        case "tests":
            return replace(level, check=_of_the_template)
        case "isolation":
            return replace(level, check=tests(ISOLATION).check)  # its coverage is in no count
        case _:
            return level


_SUITE = tests(without=("tests/test_contract.py",))  # which is a separate level

OWN_TESTS = replace(tests(without=("tests/test_contract.py", ISOLATION)), name="own tests", needs=())
"""Tests of the project itself, with its own coverage limit. They run after `PARSE`."""

PLACED = (*map(_placed, LEVELS), CONTRACT)
"""Levels of a project whose own tests have passed, and that now has the template's tests."""

WHOLE = (PARSE, *(_SUITE if level.name == "tests" else level for level in LEVELS), CONTRACT)
"""Levels of a project that has the template's tests from the start: its coverage is that of all code."""

OF_A_ROW = (PARSE, OWN_TESTS, *PLACED)

WITHOUT_TEMPLATE_TESTS = tuple(level for level in OF_A_ROW if level.name != "tests")
"""Levels of a row whose own tests are its only tests."""

NEED_NO_INTERPRETER = ("lock", "format", "lint", "types")

PART = tuple(_without_an_environment(level) for level in PLACED if level.name in NEED_NO_INTERPRETER)
"""Levels of a project whose Python is not installed: tools of another environment check it."""

GLANCE = tuple(level for level in PART if level.name in {"format", "lint"})
"""Levels for every combination of answers."""
