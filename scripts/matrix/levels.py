"""Levels of a row: those of `copperplate verify`, and those that need the template."""

import re
from dataclasses import replace

from copperplate.verify import CONTRACT, LEVELS, PARSE, Level
from copperplate.verify.levels import ISOLATION, tests
from copperplate.verify.results import CheckFailed
from copperplate.verify.session import Log, Session
from scripts.matrix import libraries
from scripts.matrix.projects import LOCK

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
    assert found is not None  # noqa: S101 - the template writes it
    return found[1]


def _without_an_environment(level: Level) -> Level:
    match level.name:
        case "lock":
            return replace(level, check=_resolves)
        case "types":
            return replace(level, check=_types_as_target, needs=())
        case _:
            return replace(level, needs=())


_SUITE = tests(without=("tests/test_contract.py",))  # which is a separate level

OWN_TESTS = replace(tests(without=("tests/test_contract.py", ISOLATION)), name="own tests", needs=())
"""Tests of the project itself, with its own coverage limit. They run after `PARSE`."""

PLACED = (*(_SUITE if level.name == "tests" else level for level in LEVELS), CONTRACT)
"""Levels of a project that also has the template's tests: coverage measures all code."""

WHOLE = (PARSE, *PLACED)
"""Levels of a project that has the template's tests from the start."""

OF_A_ROW = (PARSE, OWN_TESTS, *PLACED)

NEED_NO_INTERPRETER = ("lock", "format", "lint", "types")

PART = tuple(_without_an_environment(level) for level in PLACED if level.name in NEED_NO_INTERPRETER)
"""Levels of a project whose Python is not installed: tools of another environment check it."""

GLANCE = tuple(level for level in PART if level.name in {"format", "lint"})
"""Levels for every combination of answers."""
