"""Folders in which projects are rendered, kept from run to run: an environment that is there already saves minutes.

A project lives at a fixed path, for its environment holds absolute paths. All that have the same Python live at one,
for a new environment has to compile its libraries. Two runs, or two workers of one run, never share a slot.
"""

import fcntl
import hashlib
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import copperplate.template
from copperplate import manifest, seed, uv
from copperplate.answers import Answers
from copperplate.manifest import Value
from copperplate.render import render
from scripts.lock_template import superset
from scripts.matrix import bytecode, libraries
from scripts.matrix.parameters import ROOT

LOCK = ROOT / "template.lock"
TOOLS_PYTHON = "3.12"
"""Of the environment whose tools look at projects that have none of their own."""

KEPT = {".venv", ".hypothesis"}
"""Of a former project: what takes long to make, and is the same for all. Hypothesis keeps its tables of Unicode."""


@dataclass(frozen=True)
class Slot:
    folder: Path

    def project(self, name: str, answers: Mapping[str, Value]) -> Path:
        """Render a project of this checkout's template to the folder `name`, where a former one has left `KEPT`."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        for entry in path.iterdir():
            if entry.name not in KEPT:
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        with copperplate.template.from_checkout(ROOT) as source:
            checked = Answers.from_data({"project_name": "Shop"} | dict(answers), source.manifest)
            render(source.folder, path, checked.data(), version=source.version, source=source.source)
        return path

    def locked_project(self, name: str, answers: Mapping[str, Value], python: str) -> Path:
        path = self.project(name, answers)
        lock(path, python)
        return path

    def installed_project(self, name: str, answers: Mapping[str, Value], python: str) -> Path:
        path = self.locked_project(name, answers, python)
        self.install(path, python)
        return path

    def install(self, project: Path, python: str) -> None:
        """Install what the project has locked, with the byte code that another environment has already."""
        store = _made_once(
            f"bytecode-{python}-{libraries.digest(LOCK)}",
            lambda new: bytecode.compiled(self._superset(python), new),
        )
        uv.sync(project)
        bytecode.lend(store, project)

    def tools(self) -> Path:
        """The environment of a project with every option on."""
        return self._superset(TOOLS_PYTHON) / ".venv"

    def _superset(self, python: str) -> Path:
        """A project with every option on; its environment is made once."""
        path = self.folder / f"superset-{python}"
        proof, wanted = path / ".venv" / "of-lock", libraries.digest(LOCK)
        if not proof.exists() or proof.read_text() != wanted:
            self.locked_project(path.name, _everything_on(), python)
            uv.sync(path)
            proof.write_text(wanted)
        return path

    def warm_up_types(self, project: Path, python: str, *, available: bool = True) -> None:
        """Give the project, which is installed where that is possible, what mypy knows of its libraries.

        Of the project's own modules mypy knows nothing yet. Where the interpreter is not `available`, that of the tools
        tells of it what mypy knows by itself.
        """

        def of_all(new: Path) -> None:
            libraries.type_check(self._superset(python if available else TOOLS_PYTHON), new, python)

        def of_these(new: Path) -> None:
            shutil.copytree(known, new)
            libraries.type_check(project, new, python)

        known = _made_once(f"mypy-{python}-{libraries.digest(LOCK)}", of_all)
        if available:
            known = _made_once(f"mypy-{python}-{libraries.digest(project / 'uv.lock')}", of_these)
        shutil.copytree(known, project / ".mypy_cache")


def lock(project: Path, python: str) -> None:
    """Pin and lock what was rendered, as `copperplate new --python` does."""
    (project / ".python-version").write_text(f"{python}\n")
    distribution = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    (project / "uv.lock").write_text(seed.made_out(LOCK.read_text(encoding="utf-8"), distribution), encoding="utf-8")
    uv.lock(project)


def _everything_on() -> dict[str, Value]:
    asked = manifest.load(ROOT)
    answers = superset(asked).data()
    return {feature.question.name: answers[feature.question.name] for feature in asked.features}


def cache() -> Path:
    """What is kept from run to run, on the file system of uv's own cache, for hard links."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "copperplate-tests"


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache, made once; who comes while it is made waits."""
    folder = cache() / name
    with _locked(folder.with_name(f"{name}.lock"), wait=True):
        if not folder.exists():
            new = folder.with_name(f"{name}.new")
            shutil.rmtree(new, ignore_errors=True)
            make(new)
            new.rename(folder)
    return folder


@contextmanager
def taken() -> Iterator[Slot]:
    """Take a slot that nobody uses at this moment."""
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    for number in count():
        folder = cache() / checkout / str(number)
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
