"""Byte code of libraries, shared by all environments: to compile it in each takes ten seconds.

Python accepts a file of byte code for a module with the same size and time. uv gives a module of a wheel the same size
and time in every environment. If they differ, Python compiles the module as usual, into a new file.
"""

import os
from contextlib import suppress
from pathlib import Path

from copperplate import uv
from copperplate.system import process
from copperplate.verify import session

_DOCUMENT = '{"openapi": "3.1.0", "info": {"title": "Nothing", "version": "1"}, "paths": {}}'

_LOADING = (
    ("pytest", "--collect-only", "--quiet"),
    ("alembic", "--help"),
    ("schemathesis", "run", "nothing.json", "--url=http://127.0.0.1", "--generation-database=none"),
)
"""Commands of a project that together import the modules of its levels. A failure here also fails its level."""


def compiled(project: Path, store: Path) -> None:
    """Compile the project's environment, and move its byte code to the new folder `store`."""
    variables = session.project_environment(uv.environment())
    (project / "nothing.json").write_text(_DOCUMENT)
    for program, *arguments in _LOADING:
        process.run((project / ".venv" / "bin" / program, *arguments), cwd=project, environment=variables)
    packages = _packages(project)
    for file in packages.rglob("*.pyc"):
        _link(file, store / file.relative_to(packages))


def lend(store: Path, project: Path) -> None:
    """Give the project's environment the byte code of its libraries."""
    packages = _packages(project)
    for file in store.rglob("*.pyc"):
        place = packages / file.relative_to(store)
        if place.parent.parent.is_dir():
            _link(file, place)


def _link(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.link(file, place)


def _packages(project: Path) -> Path:
    (found,) = (project / ".venv" / "lib").glob("python3*/site-packages")
    return found
