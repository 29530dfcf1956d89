"""Folders in which projects are rendered, kept from run to run: an environment that is there already saves minutes.

A project lives at a fixed path, for its environment holds absolute paths. Two runs, or two workers of one run, never
share a slot.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import copperplate.template
from copperplate import uv
from copperplate.answers import Answers
from copperplate.manifest import Value
from copperplate.render import render
from tests.generated import libraries

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "template.lock"


@dataclass(frozen=True)
class Slot:
    folder: Path

    def project(self, name: str, answers: Mapping[str, Value]) -> Path:
        """Render a project of the template in this checkout to the folder `name`; of the former one `.venv` stays."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        for entry in path.iterdir():
            if entry.name != ".venv":
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        with copperplate.template.from_checkout(ROOT) as source:
            checked = Answers.from_data({"project_name": "Shop"} | dict(answers), source.manifest)
            render(source.folder, path, checked.data(), version=source.version, source=source.source)
        return path

    def locked_project(self, name: str, answers: Mapping[str, Value], python: str) -> Path:
        """Render, pin and lock as `copperplate new --python` does."""
        path = self.project(name, answers)
        (path / ".python-version").write_text(f"{python}\n")
        shutil.copyfile(LOCK, path / "uv.lock")
        uv.lock(path)
        return path

    def installed_project(self, name: str, answers: Mapping[str, Value], python: str) -> Path:
        path = self.locked_project(name, answers, python)
        uv.sync(path)
        return path

    def warm_up_types(self, project: Path, python: str) -> None:
        """Give the project what mypy knows of its libraries. Of the project's own modules mypy knows nothing yet."""
        version = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
        cache = self.folder.parent / f"mypy-{python}-{version}"
        with _locked(self.folder.parent / f"{cache.name}.lock", wait=True):
            if not cache.exists():
                superset = self.installed_project(f"superset-{python}", {}, python)
                libraries.type_check(superset, cache)
        shutil.copytree(cache, project / ".mypy_cache")


@contextmanager
def taken() -> Iterator[Slot]:
    """Take a slot that nobody uses at this moment."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")  # where uv's cache is, for hard links
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    for number in count():
        folder = cache / "copperplate-tests" / checkout / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(folder / ".lock", wait=False):
                yield Slot(folder)
                return
        except BlockingIOError:
            continue


@contextmanager
def _locked(file: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of `file`; raises `BlockingIOError` if another process has it and this one will not wait."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
