"""Program git: check that it is installed, and run it.

It runs hermetically, so that no setting of the machine runs a program or asks a question.
"""

import os
import re
import shutil
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from packaging.version import Version

from copperplate.errors import GitFailedError, NoGitError
from copperplate.errors.updates import GitTooOldError
from copperplate.system import disk, process

_NOTHING = os.devnull
_TRACES = ("GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF")  # otherwise a setting could make git write to some file
_WHERE_SETTINGS_ARE = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM")


def with_settings(*settings: str) -> tuple[str, ...]:
    """Return the arguments by which git takes these settings for one command."""
    return tuple(part for setting in settings for part in ("-c", setting))


# These override the repository's own configuration too, because `.` may be a repository that the user made.
SETTINGS = with_settings(
    f"core.hooksPath={_NOTHING}",
    f"core.excludesFile={_NOTHING}",
    f"core.attributesFile={_NOTHING}",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.safecrlf=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
)


def environment(*, hermetic: bool = True) -> dict[str, str]:
    """Return the caller's environment without `GIT_*`; `hermetic` also hides the user's and the system's settings."""
    kept = () if hermetic else _WHERE_SETTINGS_ARE
    clean = {name: value for name, value in os.environ.items() if name in kept or not name.startswith("GIT_")}
    clean |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"} | dict.fromkeys(_TRACES, "0")
    if hermetic:
        clean |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": _NOTHING, "GIT_ATTR_NOSYSTEM": "1"}
    return clean


def output(
    *arguments: str,
    cwd: Path,
    variables: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    accepted: Collection[int] = (0,),
) -> process.CompletedRaw:
    """Run a command and return its output as bytes; `variables` name the repository, tree or index."""
    command = ("git", *SETTINGS, *arguments)
    done = process.run_raw(command, cwd=cwd, environment=environment() | dict(variables or {}), stdin=stdin)
    if done.code not in accepted:
        verb = next(argument for argument in arguments if "=" not in argument and not argument.startswith("-"))
        place = Path((variables or {}).get("GIT_DIR", cwd))  # all that git writes is there, or on the same disk
        if refused := disk.refusal_by(f"git {verb}", place, done.code, done.text.stderr):
            raise refused
        complaint = done.text.complaint
        what = f"`git {verb}` failed: {complaint}"
        raise GitFailedError(what, "fix this, and try again", verb=verb, complaint=complaint)
    return done


def run(*arguments: str, cwd: Path, variables: Mapping[str, str] | None = None) -> process.Completed:
    return process.run(("git", *SETTINGS, *arguments), cwd=cwd, environment=environment() | dict(variables or {}))


def checked(*arguments: str, cwd: Path, variables: Mapping[str, str] | None = None) -> None:
    done = run(*arguments, cwd=cwd, variables=variables)
    if done.code != 0:
        raise failure(arguments[0], done)


def failure(verb: str, done: process.Completed) -> GitFailedError:
    what, hint = f"`git {verb}` failed: {done.complaint}", "fix this, or pass --no-git"
    return GitFailedError(what, hint, verb=verb, complaint=done.complaint)


@cache
def _version(program: str | None) -> str:
    """Return the version as git prints it."""
    return process.run((program or "git", "--version"), cwd=Path.cwd(), environment=environment()).stdout


def has_git() -> bool:
    return shutil.which("git") is not None


def require_git() -> None:
    """Refuse if there is no git, before anything is written."""
    if not has_git():
        raise NoGitError("git is not installed, or not on PATH", "install git, or pass --no-git")


FLOOR = Version("2.38")
"""The first version with `git merge-tree --write-tree`."""


def git_version(program: str | None) -> tuple[str, bool]:
    """Return the number of the installed version, and whether it can merge without a work tree."""
    number = re.search(r"\d+(\.\d+)+", _version(program))
    return (number[0], Version(number[0]) >= FLOOR) if number else ("", False)


def require_merging() -> None:
    """Refuse if there is no git, or if it cannot merge without a work tree."""
    require_git()
    program = shutil.which("git")
    if not git_version(program)[1]:
        said = _version(program).strip()
        raise GitTooOldError(f"{said} is too old to merge an update", f"install git {FLOOR} or newer", version=said)
