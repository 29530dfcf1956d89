"""What can be made again at any time, kept in the user's cache: removing it costs a second."""

import os
from pathlib import Path

_VARIABLE = "COPPERPLATE_CACHE_DIR"


def folder(part: str) -> Path:
    """The folder for one kind of things; it may not exist yet."""
    if named := os.environ.get(_VARIABLE):
        return Path(named).absolute() / part
    from platformdirs import user_cache_path  # noqa: PLC0415 - most verbs need no cache

    try:
        return user_cache_path("copperplate", appauthor=False) / part
    except (
        RuntimeError
    ):  # a user without a home, so nothing can be kept: whoever reads or writes here gets an `OSError`
        return Path(os.devnull) / part


def prune(files: list[Path], *, keep: int) -> None:
    """Remove all of `files` but those that were used last."""
    by_use = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
    for old in by_use[keep:]:
        old.unlink(missing_ok=True)
