"""Files as values: the content, and whether the file is executable."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class File:
    mode: int
    content: bytes


def read_file(path: Path) -> File:
    """Read the file at `path`, with the permission that git would record."""
    return File(0o755 if path.stat().st_mode & 0o100 else 0o644, path.read_bytes())


def write_files(files: Mapping[str, File], folder: Path) -> None:
    """Write `files` into `folder`, and make missing folders."""
    for parent in {(folder / path).parent for path in files}:
        parent.mkdir(parents=True, exist_ok=True)
    for path, file in files.items():
        target = folder / path
        target.write_bytes(file.content)
        target.chmod(file.mode)


def file_names(folder: Path) -> tuple[str, ...]:
    """Return the names of all files below `folder`, relative to it, sorted."""
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()))
