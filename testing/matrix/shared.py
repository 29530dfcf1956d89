"""Shared parts of projects with the same libraries: made once, and kept for later runs."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from copperplate import uv
from copperplate.questions import manifest
from copperplate.questions.manifest import Value
from testing import ROOT, template_tests
from testing.matrix import bytecode, libraries, projects
from testing.matrix.projects import LOCK
from testing.superset import superset

TOOLS_PYTHON = "3.12"
"""Name of the environment whose tools check projects without their own environment."""


def cache() -> Path:
    """Return the cache for all runs, on the file system of uv's cache, because of hard links."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "copperplate-tests"


def tools() -> Path:
    """Return the environment of a project with every option on."""
    return _with_everything(TOOLS_PYTHON) / ".venv"


def byte_code(python: str) -> Path:
    """Return the byte code of all libraries."""
    return _made_once(
        f"bytecode-{python}-{libraries.digest(LOCK)}",
        lambda new: bytecode.compiled(_with_everything(python), new),
    )


def types(project: Path, python: str, *, available: bool) -> Path:
    """Return mypy's cache for the project's libraries only.

    The project must be installed if the interpreter is `available`. If not, the shared tools check it.
    """

    def of_all(new: Path) -> None:
        libraries.type_check(_with_everything(python if available else TOOLS_PYTHON), new, python)

    def of_these(new: Path) -> None:
        shutil.copytree(known, new)
        libraries.type_check(project, new, python)

    known = _made_once(f"mypy-{python}-{libraries.digest(LOCK)}", of_all)
    if available:
        known = _made_once(f"mypy-{python}-{libraries.digest(project / 'uv.lock')}", of_these)
    return known


def _with_everything(python: str) -> Path:
    """Make a project with every option and all tests at its final path: an environment contains absolute paths."""
    project = cache() / f"superset-{python}-{libraries.digest(LOCK)}"
    complete = project / ".venv" / "complete"
    with locked(_lock_of(project), wait=True):
        if not complete.exists():
            projects.print_to(project, everything_on())
            template_tests.lay(project)
            projects.lock(project, python)
            uv.sync(project)
            complete.touch()
    return project


def everything_on() -> dict[str, Value]:
    """Return the answers of a project with every option on."""
    asked = manifest.load(ROOT)
    answers = superset(asked).data()
    return {feature.question.name: answers[feature.question.name] for feature in asked.features}


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name` of the cache. It is made once; other processes wait meanwhile."""
    folder = cache() / name
    with locked(_lock_of(folder), wait=True):
        if not folder.exists():
            new = folder.with_name(f"{name}.new")
            shutil.rmtree(new, ignore_errors=True)
            make(new)
            new.rename(folder)
    return folder


def _lock_of(folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.with_name(f"{folder.name}.lock")


@contextmanager
def locked(file: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of `file`. Raises `BlockingIOError` if another process has it and this one does not wait."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
