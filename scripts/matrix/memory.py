"""Rows that need not be run again: the same files, on the same interpreter, have passed the same levels."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from copperplate import process, uv
from copperplate.project import ANSWERS_FILE
from copperplate.verify import LevelResult, Status, VerifyResult
from scripts.matrix.parameters import ROOT
from scripts.matrix.projects import KEPT
from scripts.matrix.results import Outcome, RowResult
from scripts.matrix.shared import cache

JUDGES = (
    *(
        f"scripts/matrix/{name}.py"
        for name in ("bytecode", "levels", "libraries", "projects", "run", "shared", "slots")
    ),
    *("src/copperplate/verify", "src/copperplate/git", "src/copperplate/uv.py"),
)
"""Where it is written what the levels do, and in what."""

_OF_THE_CHECKOUT = (b"_commit: ", b"_src_path: ")
"""Lines of the answers that tell where a project came from, which no check depends on."""

_MADE = {".mypy_cache", *KEPT}
"""By tools, in the folder of a project; ten thousand files, which tell nothing of it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one state of one project."""

    key: str

    @property
    def _file(self) -> Path:
        return cache() / "passed" / f"{self.key}.json"

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


def of(project: Path, files: Mapping[str, str], interpreter: Path | None, *, coverage: bool = True) -> Memory:
    """The memory of `project` as it stands, once it is rendered and locked, with the `files` that are still to come."""
    digest = hashlib.sha256(f"{_version(interpreter)}{coverage}{sorted(files.items())}".encode())
    for file in sorted(_judging()):
        digest.update(file.read_bytes())
    for file in _rendered(project):
        content = file.read_bytes()
        if file.name == ANSWERS_FILE:
            content = b"".join(
                line for line in content.splitlines(keepends=True) if not line.startswith(_OF_THE_CHECKOUT)
            )
        executable = file.stat().st_mode & 0o100
        digest.update(f"\0{file.relative_to(project)}\0{executable}\0{len(content)}\0".encode() + content)
    return Memory(digest.hexdigest())


def _judging() -> Iterator[Path]:
    for name in JUDGES:
        yield from (ROOT / name).rglob("*.py") if (ROOT / name).is_dir() else [ROOT / name]


def _rendered(project: Path) -> list[Path]:
    entries = (entry for entry in project.iterdir() if entry.name not in _MADE)
    found = (path for entry in entries for path in ([entry] if entry.is_file() else entry.rglob("*")))
    return sorted(path for path in found if path.is_file())


def _version(interpreter: Path | None) -> str:
    if interpreter is None:
        return "none"
    asked = process.run((interpreter, "-I", "-VV"), cwd=interpreter.parent, environment=uv.environment())
    return f"{interpreter} {asked.stdout}"
