"""Folders in which projects are rendered, kept from run to run: an environment that is there already saves minutes.

A project lives at a fixed path, for its environment holds absolute paths. All that have the same Python live at one,
for a new environment has to compile its libraries. Two runs, or two workers of one run, never share a slot.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from copperplate import uv
from copperplate.questions.manifest import Value
from scripts.matrix import bytecode, projects, shared
from scripts.matrix.parameters import ROOT


@dataclass(frozen=True)
class Slot:
    folder: Path

    def project(self, name: str, answers: Mapping[str, Value]) -> Path:
        """Render a project of this checkout's template to the folder `name`."""
        path = self.folder / name
        projects.print_to(path, answers)
        return path

    def locked_project(self, name: str, answers: Mapping[str, Value], python: str) -> Path:
        path = self.project(name, answers)
        projects.lock(path, python)
        return path

    def installed_project(self, name: str, answers: Mapping[str, Value], python: str) -> Path:
        path = self.locked_project(name, answers, python)
        install(path, python)
        return path


def install(project: Path, python: str) -> None:
    """Install what the project has locked, with the byte code that another environment has already."""
    store = shared.byte_code(python)
    uv.sync(project)
    bytecode.lend(store, project)


def warm_up_types(project: Path, python: str, *, available: bool = True) -> None:
    """Give the project, which is installed where that is possible, what mypy knows of its libraries.

    Of the project's own modules mypy knows nothing yet.
    """
    shutil.copytree(shared.types(project, python, available=available), project / ".mypy_cache")


@contextmanager
def taken() -> Iterator[Slot]:
    """Take a slot that nobody uses at this moment."""
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    for number in count():
        folder = shared.cache() / checkout / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with shared.locked(folder / ".lock", wait=False):
                yield Slot(folder)
                return
        except BlockingIOError:
            continue
