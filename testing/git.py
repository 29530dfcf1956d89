"""Git, as a user runs it."""

import os
import subprocess
from pathlib import Path


def output(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> str:
    """Run git in `cwd`, and return all of its output. A failure is an error."""
    done = subprocess.run(["git", *arguments], cwd=cwd, input=stdin, capture_output=True, check=True)  # noqa: S607
    return os.fsdecode(done.stdout)


def git(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> str:
    """Run git in `cwd`, and return its output without white space at its ends. A failure is an error."""
    return output(*arguments, cwd=cwd, stdin=stdin).strip()
