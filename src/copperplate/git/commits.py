"""Commits: the first one of a new project, and the one that an update makes."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors import BrokenError, RefusedError
from copperplate.git import index
from copperplate.git.query import settings
from copperplate.git.repository import Repository
from copperplate.git.run import checked, failure, run
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    email: str

    @classmethod
    def of(cls, answers: Mapping[str, object]) -> "Identity":
        """Return the author that a project records."""
        return cls(str(answers.get("author_name", "")), str(answers.get("author_email", "")))


NEUTRAL = Identity("Copperplate", "copperplate@localhost")
"""Author of a commit if git knows no user."""
_ROLES = ("author", "committer")


def signature(known: Mapping[str, str], otherwise: Identity) -> dict[str, str]:
    """Return variables with the identity for a commit: from the environment, from the settings `known`, or a default.

    The order is that of git-commit(1), "Commit information": the variable, then `author.name`, then `user.name`.
    """
    variables = _dates()
    for role in _ROLES:
        for part, value in (("name", otherwise.name or NEUTRAL.name), ("email", otherwise.email or NEUTRAL.email)):
            variable = f"GIT_{role}_{part}".upper()
            settled = known.get(f"{role}.{part}") or known.get(f"user.{part}") or value
            variables[variable] = os.environ.get(variable) or settled
    return variables


def neutral_signature() -> dict[str, str]:
    """Return variables with a neutral identity for a commit, with the date from the user's environment."""
    names = {f"GIT_{role}_NAME".upper(): NEUTRAL.name for role in _ROLES}
    return _dates() | names | {f"GIT_{role}_EMAIL".upper(): NEUTRAL.email for role in _ROLES}


def _dates() -> dict[str, str]:
    names = [f"GIT_{role}_DATE".upper() for role in _ROLES]
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def init(folder: Path) -> None:
    """Make `folder` a repository, with the branch name of the user's `init.defaultBranch`."""
    branch = settings(folder).get("init.defaultbranch") or "main"
    if run("check-ref-format", "--branch", branch, cwd=folder).code != 0:
        branch = "main"
    checked("init", "--quiet", "--template=", f"--initial-branch={branch}", cwd=folder)


def commit_all(folder: Path, message: str, author: Identity) -> None:
    """Commit every file of `folder` that git does not ignore, with the user's identity if git knows one."""
    filters = _without_filters(folder)
    checked("add", "--all", cwd=folder, variables=filters)
    # Git refuses a name that is only punctuation. A project may have such an author, but a commit may not.
    for who in (signature(settings(folder), author), neutral_signature()):
        done = run("commit", "--quiet", "--no-verify", f"--message={message}", cwd=folder, variables=filters | who)
        if done.code == 0:
            return
    raise failure("commit", done)


def _without_filters(folder: Path) -> dict[str, str]:
    """Return variables that disable the filter programs of the repository's own settings."""
    pattern = r"^filter\..*\.(clean|process|required)$"
    listed = run("config", "--null", "--name-only", "--get-regexp", pattern, cwd=folder)
    names = [name for name in listed.stdout.split("\0") if name]
    variables = {"GIT_CONFIG_COUNT": str(len(names))}  # not `-c name=value`, because such a name may contain `=`
    for number, name in enumerate(names):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = "false" if name.endswith(".required") else ""
    return variables


_LARGE_PACK = 4_000_000
"""Size in bytes from which a pack is kept whole: to unpack and compress each of its objects would take seconds."""


def commit_tree(scratch: Scratch, head: str, tree: str, message: str, author: Identity) -> str:
    """Commit the project's `tree` on `head`, only in `scratch` for now. No hook runs, and nothing is signed."""
    arguments = ("commit-tree", repository_tree(scratch, head, tree), "-p", head, "-F", "-")

    def committed(who: Mapping[str, str]) -> str:
        return scratch.run(*arguments, stdin=f"{message}\n".encode(), variables=who).decode().strip()

    try:
        return committed(signature(scratch.repository.settings, author))
    except BrokenError:  # git refuses a name that is only punctuation
        return committed(neutral_signature())


def copy_objects(scratch: Scratch, commit: str | None, head: str, *, otherwise: Iterable[str] = ()) -> None:
    """Copy to the user's repository the objects that `commit` adds to `head`, or `otherwise`; no branch names them."""
    wanted = [*([commit, f"^{head}"] if commit else otherwise), ""]
    revisions = ("--revs",) if commit else ()
    pack = scratch.run("pack-objects", "-q", "--local", "--stdout", *revisions, stdin="\n".join(wanted).encode())
    store = ("unpack-objects", "-q") if len(pack) < _LARGE_PACK else ("index-pack", "--stdin")
    fsync = ("-c", "core.fsync=all", "-c", "core.fsyncMethod=batch")
    scratch.repository.run(*fsync, *store, stdin=pack)


def update_head(repository: Repository, new: str, old: str, message: str) -> None:
    """Move the current branch to the commit `new`, if it is still at `old`."""
    repository.run("update-ref", "-m", f"copperplate: {message}", "HEAD", new, old)


def move_branch(repository: Repository, commit: str, head: str, message: str) -> None:
    try:
        update_head(repository, commit, head, message)
    except BrokenError:
        if repository.head() == head:
            raise
        raise moved_branch(repository) from None


def moved_branch(repository: Repository) -> RefusedError:
    return RefusedError(f"{repository.root} has got another commit meanwhile", "run the same command again")


def staged_tree(scratch: Scratch, head: str, staged: Mapping[str, tuple[str, str] | None]) -> str:
    """Return the project's staged tree without `staged`, the entries that were staged before the update, on `head`."""
    copy = index.private_copy(scratch, "commit.index")
    stages = index.read(scratch, copy).stages
    before = scratch.entries(f"{head}^{{tree}}") if staged else {}
    apart: dict[str, index.Stages] = {}
    for path, recorded in staged.items():
        then = Entry(*recorded) if recorded else None
        if stages.get(path, {}).get(0) == then:
            apart[path] = {0: before[path]} if path in before else {}
    if apart:
        index.write_entries(scratch, copy, apart)
    whole = scratch.run("write-tree", "--missing-ok", index=copy).decode().strip()
    prefix = scratch.repository.prefix.rstrip("/")
    return scratch.run("rev-parse", "--verify", f"{whole}:{prefix}").decode().strip()


def repository_tree(scratch: Scratch, head: str, tree: str) -> str:
    """Return the tree of the whole repository, with `tree` for the project."""
    parts = scratch.repository.prefix.split("/")[:-1]
    while parts:
        name = os.fsencode(parts.pop())
        raw = scratch.run("ls-tree", "-z", f"{head}:{'/'.join(parts)}")
        lines = [line for line in raw.split(b"\0") if line and line.partition(b"\t")[2] != name]
        lines.append(f"040000 tree {tree}\t".encode() + name)
        tree = scratch.run("mktree", "-z", "--missing", stdin=b"\0".join(lines) + b"\0").decode().strip()
    return tree
