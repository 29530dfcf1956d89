"""Whether there is a git, and one that can do what is asked of it."""

import re
import shutil
from functools import cache
from pathlib import Path

from copperplate import process
from copperplate.errors import RefusedError
from copperplate.git.running import environment


@cache
def _version(program: str | None) -> str:
    """In its own words."""
    return process.run((program or "git", "--version"), cwd=Path.cwd(), environment=environment()).stdout


def available() -> bool:
    return shutil.which("git") is not None


def require() -> None:
    """Refuse early where there is no git, before anything has been written."""
    if not available():
        raise RefusedError("git is not installed, or not on PATH", "install git, or pass --no-git")


FLOOR = (2, 38)
"""The first with `git merge-tree --write-tree`."""


def require_merging() -> None:
    """Refuse where there is no git, or one that cannot merge without a work tree."""
    require()
    said = _version(shutil.which("git"))
    number = re.search(r"(\d+)\.(\d+)[.\d]*", said)
    if number is None or (int(number[1]), int(number[2])) < FLOOR:
        dotted = ".".join(map(str, FLOOR))
        raise RefusedError(f"{said.strip()} is too old to merge an update", f"install git {dotted} or newer")
