"""Memory of passed rows: a row is run again only after a change that can change the result of its levels."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from copperplate import uv
from copperplate.project import ANSWERS_FILE
from copperplate.system import process
from copperplate.verify import LevelResult, Status, VerifyResult
from copperplate.verify.servers import EXTERNAL
from testing import ROOT
from testing.matrix import imports, shared
from testing.matrix.projects import KEPT
from testing.matrix.results import Outcome, RowResult

RUNNER = "testing.matrix.run"
"""The module that verifies a row. A change of a module that it imports can change the result."""

DATA = ("copier.yml", "features", "template.lock", "uv.lock")
"""Other files of this checkout that the runner reads: the questions, and the versions of tools and libraries.

The folder `template` is not in the list: the rendered files of a project are compared instead.
"""

_OF_THE_CHECKOUT = (b"_commit: ", b"_src_path: ")
"""Lines of the answers with the source of the project, on which no check depends."""

_SERVERS = tuple(EXTERNAL.values())
"""Variables that name servers of the user, which the levels then run on."""

_MADE = {".mypy_cache", *KEPT}
"""Folders that tools make in a project: ten thousand files that do not matter."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one state of one project."""

    key: str

    @property
    def _file(self) -> Path:
        return shared.cache() / "passed" / f"{self.key}.json"

    def recall(self, name: str, python: str) -> RowResult | None:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            levels = tuple(LevelResult(**level | {"status": Status(level["status"])}) for level in kept)
        except (OSError, ValueError, TypeError, KeyError):  # missing, or of another version
            return None
        if not levels:
            return None
        return RowResult(name, python, VerifyResult(levels), seconds=0.0, cpu_seconds=0.0, earlier=True)

    def keep(self, result: RowResult) -> None:
        """Keep a result without a failure; a failed row is run again."""
        if result.outcome is Outcome.FAILED:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        levels = [asdict(level) | {"output": ""} for level in result.verified.levels]
        draft = self._file.with_suffix(f".{result.name}")
        draft.write_text(json.dumps(levels), encoding="utf-8")
        draft.rename(self._file)


def of(project: Path, files: Mapping[str, str], interpreter: Path | None) -> Memory:
    """Return the memory of a rendered and locked `project`, with the `files` that are added later.

    The levels run on `interpreter`; None if it is missing.
    """
    servers = [os.environ.get(name) for name in _SERVERS]
    given = (_version(interpreter), sorted(files.items()), servers, _programs(), _of_this_checkout())
    digest = hashlib.sha256(repr(given).encode())
    for file in _rendered(project):
        content = file.read_bytes()
        if file.name == ANSWERS_FILE:
            content = b"".join(
                line for line in content.splitlines(keepends=True) if not line.startswith(_OF_THE_CHECKOUT)
            )
        executable = file.stat().st_mode & 0o100
        digest.update(f"\0{file.relative_to(project)}\0{executable}\0{len(content)}\0".encode() + content)
    return Memory(digest.hexdigest())


def judges(root: Path) -> list[Path]:
    """Return the files of the checkout at `root` that can change a result, except those that are rendered."""
    data = (path for name in DATA for path in [root / name, *(root / name).rglob("*")])
    return sorted({*imports.closure(root, RUNNER), *filter(Path.is_file, data)})


def digest_of(root: Path) -> str:
    """Return a digest of the names and contents of all `judges`."""
    digest = hashlib.sha256()
    for file in judges(root):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(root)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@cache
def _of_this_checkout() -> str:
    """Return the digest for this process: a later change of a file does not change the imported code."""
    return digest_of(ROOT)


@cache
def _programs() -> tuple[str, ...]:
    """Return the versions of Python, uv and git that the runner itself uses."""
    asked = ((uv.binary(), "--version"), ("git", "--version"))
    return (sys.version, *(process.run(command, cwd=ROOT, environment=uv.environment()).stdout for command in asked))


def _rendered(project: Path) -> list[Path]:
    entries = (entry for entry in project.iterdir() if entry.name not in _MADE)
    found = (path for entry in entries for path in ([entry] if entry.is_file() else entry.rglob("*")))
    return sorted(path for path in found if path.is_file())


def _version(interpreter: Path | None) -> str:
    """Return the version and the path of the interpreter, or of its base if it is in a virtual environment."""
    if interpreter is None:
        return "none"
    code = "import sys; print(sys.base_prefix, sys.version)"
    return process.run((interpreter, "-I", "-c", code), cwd=interpreter.parent, environment=uv.environment()).stdout
