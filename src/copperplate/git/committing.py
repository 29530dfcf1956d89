"""The first commit of a new project, and who commits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate import process
from copperplate.git.reading import settings
from copperplate.git.running import checked, failure, run, setting


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    email: str


NEUTRAL = Identity("Copperplate", "copperplate@localhost")
"""Who commits where nobody is known."""
_ROLES = ("author", "committer")


def signature(known: Mapping[str, str], otherwise: Identity) -> dict[str, str]:
    """Variables by which git signs a commit as the user: by their environment, by the settings `known`, or else so.

    git-commit(1), "Commit information": a variable counts before `author.name`, and that before `user.name`.
    """
    variables = _dates()
    for role in _ROLES:
        for part, value in (("name", otherwise.name or NEUTRAL.name), ("email", otherwise.email or NEUTRAL.email)):
            variable = f"GIT_{role}_{part}".upper()
            settled = known.get(f"{role}.{part}") or known.get(f"user.{part}") or value
            variables[variable] = os.environ.get(variable) or settled
    return variables


def neutral_signature() -> dict[str, str]:
    """Variables by which git signs a commit as nobody, at the time that the user's environment names."""
    names = {f"GIT_{role}_NAME".upper(): NEUTRAL.name for role in _ROLES}
    return _dates() | names | {f"GIT_{role}_EMAIL".upper(): NEUTRAL.email for role in _ROLES}


def _dates() -> dict[str, str]:
    names = [f"GIT_{role}_DATE".upper() for role in _ROLES]
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def init(folder: Path) -> None:
    """Make `folder` a repository, its branch named as the user's `init.defaultBranch` says."""
    branch = setting("init.defaultBranch", folder) or "main"
    if run("check-ref-format", "--branch", branch, cwd=folder).code != 0:
        branch = "main"
    checked("init", "--quiet", "--template=", f"--initial-branch={branch}", cwd=folder)


def commit_all(folder: Path, message: str, author: Identity) -> None:
    """Commit every file of `folder` that its `.gitignore` lets through, by the user's own identity if git has one."""
    filters = _without_filters(folder)
    checked("add", "--all", cwd=folder, variables=filters)
    if _commit(folder, message, filters | signature(settings(folder), author)).code == 0:
        return
    # git refuses names that are all punctuation; a project may have such an author, its first commit may not.
    done = _commit(folder, message, filters | neutral_signature())
    if done.code != 0:
        raise failure("commit", done)


def _without_filters(folder: Path) -> dict[str, str]:
    """Variables by which the programs that a repository's own settings name as filters are not run."""
    listed = run(
        "config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process|required)$", cwd=folder
    )
    names = [name for name in listed.stdout.split("\0") if name]
    variables = {"GIT_CONFIG_COUNT": str(len(names))}  # not `-c name=value`, for such a name may hold a `=`
    for number, name in enumerate(names):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = "false" if name.endswith(".required") else ""
    return variables


def _commit(folder: Path, message: str, variables: Mapping[str, str]) -> process.Completed:
    commit = ("commit", "--quiet", "--no-verify", f"--message={message}")
    return run(*commit, cwd=folder, variables=variables)
