"""Slots: folders for rendered projects, kept for later runs, because an existing environment saves minutes.

A project has a fixed path, because its environment contains absolute paths. All projects of one Python share a path,
because a new environment has to compile its libraries. Two runs, or two workers of one run, never share a slot.
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
from testing import ROOT
from testing.matrix import bytecode, projects, shared


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
    """Install the project's lock, with byte code from another environment."""
    store = shared.byte_code(python)
    uv.sync(project)
    bytecode.lend(store, project)


def warm_up_types(project: Path, python: str, *, available: bool = True) -> None:
    """Give the project mypy's cache of its libraries. The project is installed if possible.

    The cache has nothing about the project's own modules.
    """
    shutil.copytree(shared.types(project, python, available=available), project / ".mypy_cache")


@contextmanager
def taken() -> Iterator[Slot]:
    """Take a slot that no other process uses."""
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
