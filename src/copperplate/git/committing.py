"""The first commit of a new project."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate import process
from copperplate.git.running import checked, failure, run, setting


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    email: str


NEUTRAL = Identity("Copperplate", "copperplate@localhost")
"""Who commits where nobody is known."""


def init(folder: Path) -> None:
    """Make `folder` a repository, its branch named as the user's `init.defaultBranch` says."""
    branch = setting("init.defaultBranch", folder) or "main"
    if run("check-ref-format", "--branch", branch, cwd=folder).code != 0:
        branch = "main"
    checked("init", "--quiet", "--template=", f"--initial-branch={branch}", cwd=folder)


def commit_all(folder: Path, message: str, author: Identity) -> None:
    """Commit every file of `folder` that its `.gitignore` lets through, by the user's own identity if git has one."""
    identity = Identity(
        setting("user.name", folder) or author.name or NEUTRAL.name,
        setting("user.email", folder) or author.email or NEUTRAL.email,
    )
    filters = _without_filters(folder)
    checked("add", "--all", cwd=folder, variables=filters)
    if _commit(folder, message, identity, filters).code == 0:
        return
    # git refuses names that are all punctuation; a project may have such an author, its first commit may not.
    done = _commit(folder, message, NEUTRAL, filters)
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


def _commit(folder: Path, message: str, identity: Identity, variables: Mapping[str, str]) -> process.Completed:
    who = ("-c", f"user.name={identity.name}", "-c", f"user.email={identity.email}")
    commit = ("commit", "--quiet", "--no-verify", f"--message={message}")
    return run(*who, *commit, cwd=folder, variables=variables)
