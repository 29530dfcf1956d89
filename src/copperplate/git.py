"""The only module that knows how to run git: hermetic, so that no setting of the machine runs a program or asks."""

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate import process, temporary
from copperplate.errors import BrokenError, RefusedError

_NOTHING = os.devnull
_TRACES = ("GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF")  # else a setting may have git write to some file
_WHERE_SETTINGS_ARE = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM")
# These beat the repository's own configuration too, for `.` may be a repository that was there before.
_SETTINGS = (
    "-c",
    f"core.hooksPath={_NOTHING}",
    "-c",
    f"core.excludesFile={_NOTHING}",
    "-c",
    f"core.attributesFile={_NOTHING}",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.safecrlf=false",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
)


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    email: str


NEUTRAL = Identity("Copperplate", "copperplate@localhost")
"""Who commits where nobody is known."""


def available() -> bool:
    return shutil.which("git") is not None


FLOOR = (2, 38)
"""The first with `git merge-tree --write-tree`."""


def require_merging() -> None:
    """Refuse where there is no git, or one that cannot merge without a work tree."""
    require()
    said = process.run(("git", "--version"), cwd=Path.cwd(), environment=environment()).stdout
    number = re.search(r"(\d+)\.(\d+)[.\d]*", said)
    if number is None or (int(number[1]), int(number[2])) < FLOOR:
        dotted = ".".join(map(str, FLOOR))
        raise RefusedError(f"{said.strip()} is too old to merge an update", f"install git {dotted} or newer")


def require() -> None:
    """Refuse early where there is no git, before anything has been written."""
    if not available():
        raise RefusedError("git is not installed, or not on PATH", "install git, or pass --no-git")


def environment(*, hermetic: bool = True) -> dict[str, str]:
    """The caller's environment without `GIT_*`; `hermetic` also hides the user's and the system's settings."""
    kept = () if hermetic else _WHERE_SETTINGS_ARE
    clean = {name: value for name, value in os.environ.items() if name in kept or not name.startswith("GIT_")}
    clean |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"} | dict.fromkeys(_TRACES, "0")
    if hermetic:
        clean |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": _NOTHING, "GIT_ATTR_NOSYSTEM": "1"}
    return clean


def work_tree_around(folder: Path) -> Path | None:
    """The nearest folder, from `folder` upwards, that is the root of a git work tree."""
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def has_commits(repository: Path) -> bool:
    return _run("rev-list", "--all", "--max-count=1", cwd=repository).stdout.strip() != ""


def locate(folder: Path) -> list[str] | None:
    """Top of the work tree, its git folder, the shared one, the objects, their format, and the path from the top.

    None where `folder` is in no work tree. Found as the user's own git would: whether a repository that belongs to
    somebody else may be used is for their settings to say.
    """
    asked = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--git-path", "objects")
    command = ("git", "rev-parse", "--path-format=absolute", *asked, "--show-object-format", "--show-prefix")
    done = process.run_raw(command, cwd=folder, environment=environment(hermetic=False))
    return os.fsdecode(done.stdout).split("\n") if done.code == 0 else None


def settings(folder: Path) -> dict[str, str]:
    """All settings that hold in `folder`, the last value of each; names are in lower case."""
    command = ("git", "config", "--list", "-z", "--includes")
    listed = process.run_raw(command, cwd=folder, environment=environment(hermetic=False)).stdout
    pairs = (entry.partition("\n") for entry in os.fsdecode(listed).split("\0") if entry)
    return {name: value if newline else "true" for name, newline, value in pairs}


def output(
    *arguments: str,
    cwd: Path,
    variables: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    accepted: Collection[int] = (0,),
) -> process.CompletedRaw:
    """Run a command for its output, as bytes; `variables` say on which repository, tree or index it works."""
    command = ("git", *_SETTINGS, *arguments)
    done = process.run_raw(command, cwd=cwd, environment=environment() | dict(variables or {}), stdin=stdin)
    if done.code not in accepted:
        verb = next(argument for argument in arguments if "=" not in argument and not argument.startswith("-"))
        raise BrokenError(f"`git {verb}` failed: {done.text.complaint}", "put git right, and try again")
    return done


def upload_pack(repository: Path) -> int:
    """Serve `repository` to the git at the other end of standard input and output; the exit code of doing so."""
    partial = ("-c", "uploadpack.allowFilter=true", "-c", "uploadpack.allowAnySHA1InWant=true")  # as Copier may clone
    served = (*partial, "-c", f"safe.directory={repository}")  # the cache may be mounted, and somebody else's
    spoken = {name: value for name, value in os.environ.items() if name == "GIT_PROTOCOL"}
    command = ("git", *_SETTINGS, *served, "upload-pack", "--strict", str(repository))
    return subprocess.run(command, env=environment() | spoken, check=False).returncode


def fetch_tags(url: str, *, into: Path, timeout: float) -> process.Completed:
    """Fetch all tags at `url`: with the user's own access to it, by safe protocols only, and without a question."""
    settings = ("-c", "fetch.fsckObjects=true", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0")
    flags = (
        "--quiet",
        "--force",
        "--prune",
        "--no-tags",
        "--depth=1",
        "--no-recurse-submodules",
        "--no-write-fetch-head",
    )
    command = ("git", *settings, "fetch", *flags, "--", url, "+refs/tags/*:refs/tags/*")
    own = {name: value for name, value in os.environ.items() if name.startswith(("GIT_SSH", "GIT_CONFIG"))}
    access = environment(hermetic=False) | own | {"GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_ASKPASS": ""}
    if "GIT_SSH_COMMAND" not in own and "GIT_SSH" not in own and not _setting("core.sshCommand", into):
        access["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    try:
        return process.run(command, cwd=into, environment=access, timeout=timeout)
    except TimeoutError as error:
        return process.Completed(1, "", f"fatal: {error}")


def blobs(folder: Path, oids: Sequence[str]) -> dict[str, bytes]:
    """The contents of the files that the repository `folder` knows by these ids."""
    raw = output("cat-file", "--batch", cwd=folder, stdin="".join(f"{oid}\n" for oid in oids).encode()).stdout
    found: dict[str, bytes] = {}
    at = 0
    for oid in oids:
        end = raw.index(b"\n", at)
        size = int(raw[at:end].split()[2])
        found[oid] = raw[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return found


def describe(folder: Path) -> str:
    """The commit of the repository whose root is `folder`, by its nearest tag; empty where there is none."""
    if not (folder / ".git").exists() or not available():
        return ""
    return _run("describe", "--tags", "--always", cwd=folder).stdout.strip()


def kept_files(folder: Path, parts: Sequence[str]) -> list[str] | None:
    """Files below `parts` of `folder` that are tracked, or new and not ignored; None outside a work tree."""
    if work_tree_around(folder) is None or not available():
        return None
    listed = _run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *parts, cwd=folder)
    if listed.code != 0:
        return None
    return [name for name in listed.stdout.split("\0") if name and (folder / name).exists()]


def tracked_files(folder: Path) -> list[str] | None:
    """Files below `folder` that git tracks, relative to it; None outside a work tree."""
    if work_tree_around(folder) is None or not available():
        return None
    listed = output("ls-files", "-z", "--cached", cwd=folder, accepted=range(256))
    return [name for name in os.fsdecode(listed.stdout).split("\0") if name] if listed.code == 0 else None


def ignored(folder: Path) -> list[str]:
    """What git would leave out of a repository made of `folder`; a folder that is left out as a whole is one entry."""
    with temporary.folder() as repository:
        _checked("init", "--quiet", "--bare", "--template=", str(repository), cwd=folder)
        place = (f"--git-dir={repository}", f"--work-tree={folder}")
        listed = _run(
            *place, "ls-files", "-z", *("--others", "--ignored", "--exclude-standard", "--directory"), cwd=folder
        )
    if listed.code != 0:
        raise _failure("ls-files", listed)
    return [name for name in listed.stdout.split("\0") if name]


def init(folder: Path) -> None:
    """Make `folder` a repository, its branch named as the user's `init.defaultBranch` says."""
    branch = _setting("init.defaultBranch", folder) or "main"
    if _run("check-ref-format", "--branch", branch, cwd=folder).code != 0:
        branch = "main"
    _checked("init", "--quiet", "--template=", f"--initial-branch={branch}", cwd=folder)


def commit_all(folder: Path, message: str, author: Identity) -> None:
    """Commit every file of `folder` that its `.gitignore` lets through, by the user's own identity if git has one."""
    identity = Identity(
        _setting("user.name", folder) or author.name or NEUTRAL.name,
        _setting("user.email", folder) or author.email or NEUTRAL.email,
    )
    filters = _without_filters(folder)
    _checked("add", "--all", cwd=folder, variables=filters)
    if _commit(folder, message, identity, filters).code == 0:
        return
    # git refuses names that are all punctuation; a project may have such an author, its first commit may not.
    done = _commit(folder, message, NEUTRAL, filters)
    if done.code != 0:
        raise _failure("commit", done)


def _without_filters(folder: Path) -> dict[str, str]:
    """Variables by which the programs that a repository's own settings name as filters are not run."""
    listed = _run(
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
    return _run(*who, *commit, cwd=folder, variables=variables)


def _setting(name: str, folder: Path) -> str:
    command = ("git", "config", "--get", name)
    return process.run(command, cwd=folder, environment=environment(hermetic=False)).stdout.strip()


def _run(*arguments: str, cwd: Path, variables: Mapping[str, str] | None = None) -> process.Completed:
    return process.run(("git", *_SETTINGS, *arguments), cwd=cwd, environment=environment() | dict(variables or {}))


def _checked(*arguments: str, cwd: Path, variables: Mapping[str, str] | None = None) -> None:
    done = _run(*arguments, cwd=cwd, variables=variables)
    if done.code != 0:
        raise _failure(arguments[0], done)


def _failure(verb: str, done: process.Completed) -> BrokenError:
    return BrokenError(f"`git {verb}` failed: {done.complaint}", "put git right, or pass --no-git")
