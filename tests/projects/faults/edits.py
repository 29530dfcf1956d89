"""Edits that put a fault into a project, and take it out again."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


class NothingChangedError(Exception):
    """Raised for an edit that no longer fits the project: without its fault, the test would prove nothing."""


@dataclass(frozen=True)
class Edit:
    path: str
    change: Callable[[str | None], str]
    """From the text of the file, or None where there is none."""


def replaced(path: str, old: str, new: str) -> Edit:
    def change(text: str | None) -> str:
        if text is None or text.count(old) != 1 or old == new:
            raise NothingChangedError(f"{path} does not hold once, to be replaced: {old!r}")
        return text.replace(old, new)

    return Edit(path, change)


def appended(path: str, more: str) -> Edit:
    def change(text: str | None) -> str:
        if text is None or not more:
            raise NothingChangedError(f"there is no {path} to append to")
        return text + more

    return Edit(path, change)


def added(path: str, text: str) -> Edit:
    def change(there: str | None) -> str:
        if there is not None:
            raise NothingChangedError(f"{path} is there already")
        return text

    return Edit(path, change)


def kept(path: str) -> Edit:
    """Change nothing: it is for a file that something else changes, and that is to be as it was in the end."""
    return Edit(path, lambda text: text or "")


@contextmanager
def applied(project: Path, edits: Iterable[Edit]) -> Iterator[None]:
    """Edit the project's files; on leaving they are as they were, to the time of their last change."""
    before: dict[Path, tuple[bytes, os.stat_result] | None] = {}
    try:
        for edit in edits:
            file = project / edit.path
            if file not in before:
                before[file] = (file.read_bytes(), file.stat()) if file.exists() else None
            text = file.read_bytes().decode() if file.exists() else None
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(edit.change(text).encode())
        yield
    finally:
        for file, was in before.items():
            _restore(file, was)


def _restore(file: Path, was: tuple[bytes, os.stat_result] | None) -> None:
    if was is None:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # where nothing else is in it, it came with the file
            file.parent.rmdir()
    else:
        content, status = was
        file.write_bytes(content)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
