"""Memory of passed rows: a row is not run again while nothing has changed that can change what its levels find."""

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
from scripts.matrix import imports, shared
from scripts.matrix.parameters import ROOT
from scripts.matrix.projects import KEPT
from scripts.matrix.results import Outcome, RowResult

RUNNER = "scripts.matrix.run"
"""The module that proves a row. What it imports can change what it finds."""

DATA = ("copier.yml", "features", "template.lock", "uv.lock")
"""What the runner reads of this checkout besides: the questions, and the versions of the tools and of its libraries.

The folder `template` is not here: the files of a project tell what was rendered from it.
"""

_OF_THE_CHECKOUT = (b"_commit: ", b"_src_path: ")
"""Lines of the answers that tell where a project came from, which no check depends on."""

_SERVERS = tuple(EXTERNAL.values())
"""Variables that name servers of the user, which the levels then run on."""

_MADE = {".mypy_cache", *KEPT}
"""By tools, in the folder of a project; ten thousand files, which tell nothing of it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one state of one project."""

    key: str

    @property
    def _file(self) -> Path:
        return shared.cache() / "passed" / f"{self.key}.json"

    def recall(self, name: str, python: str) -> RowResult | None:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            levels = tuple(LevelResult(**level | {"status": Status(level["status"])}) for level in kept)
        except (OSError, ValueError, TypeError, KeyError):  # not there, or of another version
            return None
        if not levels:
            return None
        return RowResult(name, python, VerifyResult(levels), seconds=0.0, cpu_seconds=0.0, earlier=True)

    def keep(self, result: RowResult) -> None:
        """Keep a result without a fault; one that has some is to be seen again."""
        if result.outcome is Outcome.FAILED:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        levels = [asdict(level) | {"output": ""} for level in result.verified.levels]
        draft = self._file.with_suffix(f".{result.name}")
        draft.write_text(json.dumps(levels), encoding="utf-8")
        draft.rename(self._file)


def of(project: Path, files: Mapping[str, str], interpreter: Path | None) -> Memory:
    """The memory of `project` as it stands, once it is rendered and locked, with the `files` that are still to come.

    The levels run on `interpreter`, or on none.
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
    """The files of the checkout at `root` that can change a verdict, but for what is rendered."""
    data = (path for name in DATA for path in [root / name, *(root / name).rglob("*")])
    return sorted({*imports.closure(root, RUNNER), *filter(Path.is_file, data)})


def digest_of(root: Path) -> str:
    """A digest of the names and contents of all `judges`."""
    digest = hashlib.sha256()
    for file in judges(root):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(root)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@cache
def _of_this_checkout() -> str:
    """The digest of what this process has imported: a later change of a file does not change what it runs."""
    return digest_of(ROOT)


@cache
def _programs() -> tuple[str, ...]:
    """The versions of Python, uv and git that the runner itself uses."""
    asked = ((uv.binary(), "--version"), ("git", "--version"))
    return (sys.version, *(process.run(command, cwd=ROOT, environment=uv.environment()).stdout for command in asked))


def _rendered(project: Path) -> list[Path]:
    entries = (entry for entry in project.iterdir() if entry.name not in _MADE)
    found = (path for entry in entries for path in ([entry] if entry.is_file() else entry.rglob("*")))
    return sorted(path for path in found if path.is_file())


def _version(interpreter: Path | None) -> str:
    """The version and the place of the interpreter; those of its base, if it is that of an environment."""
    if interpreter is None:
        return "none"
    code = "import sys; print(sys.base_prefix, sys.version)"
    return process.run((interpreter, "-I", "-c", code), cwd=interpreter.parent, environment=uv.environment()).stdout
