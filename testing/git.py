"""Git, as a user runs it. A failure is an error."""

import os
import shutil
import subprocess
from pathlib import Path


def raw(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> bytes:
    """Run git in `cwd`, and return its output as bytes."""
    return subprocess.run(["git", *arguments], cwd=cwd, input=stdin, capture_output=True, check=True).stdout  # noqa: S607


def output(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> str:
    """Run git in `cwd`, and return all of its output as text."""
    return os.fsdecode(raw(*arguments, cwd=cwd, stdin=stdin))


def git(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> str:
    """Run git in `cwd`, and return its output without white space at its ends."""
    return output(*arguments, cwd=cwd, stdin=stdin).strip()


def new_repository(folder: Path) -> None:
    """Make `folder` a repository with one commit of all its files."""
    git("init", "--quiet", cwd=folder)
    git("add", "--all", cwd=folder)
    somebody = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(*somebody, "commit", "--quiet", "--message=Start", cwd=folder)


_SLOW = """\
#!/bin/sh
case "$*" in
*update-ref*) touch {place}/begun; while [ ! -e {place}/go ]; do sleep 0.01; done ;;
esac
exec {git} "$@"
"""


def slow_git(place: Path) -> Path:
    """Make a git that writes the file `begun` before it moves a branch, and waits for the file `go`.

    Returns its folder, for `PATH`.
    """
    program = place / "bin" / "git"
    program.parent.mkdir()
    program.write_text(_SLOW.format(place=place, git=shutil.which("git")))
    program.chmod(0o755)
    return program.parent
