"""Queries about repositories; nothing in them is changed."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate.git.run import available, checked, environment, failure, output, run
from copperplate.git.trees import Entry, parse_tree
from copperplate.system import folders, process


def work_tree_around(folder: Path) -> Path | None:
    """The nearest folder, from `folder` upwards, that is the root of a git work tree."""
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def has_commits(repository: Path) -> bool:
    return run("rev-list", "--all", "--max-count=1", cwd=repository).stdout.strip() != ""


@dataclass(frozen=True, slots=True)
class Location:
    root: Path
    """The top of the work tree."""

    git_dir: Path
    """Of this work tree: its HEAD and its index."""

    common_dir: Path
    objects: Path
    object_format: str
    prefix: str
    """The path of the folder below the top: empty, or ending in a slash."""


def locate(folder: Path) -> Location | None:
    """The repository around `folder`; None where `folder` is in no work tree.

    Found as the user's own git would: whether a repository that belongs to somebody else may be used is for their
    settings to say.
    """
    separator = f"--{secrets.token_hex(8)}"  # git prints back an option that it does not know; a path may hold newlines
    asked = (
        "--show-toplevel",
        "--absolute-git-dir",
        "--git-common-dir",
        "--git-path=objects",
        "--show-object-format",
        "--show-prefix",
    )
    options = [part for option in asked for part in (*option.split("="), separator)]
    command = ("git", "rev-parse", "--path-format=absolute", *options)
    done = process.run_raw(command, cwd=folder, environment=environment(hermetic=False))
    if done.code != 0:
        return None
    root, git_dir, common_dir, objects, object_format, prefix, _ = (
        part.removesuffix("\n") for part in os.fsdecode(done.stdout).split(f"{separator}\n")
    )
    return Location(Path(root), Path(git_dir), Path(common_dir), Path(objects), object_format, prefix)


def settings(folder: Path) -> dict[str, str]:
    """All settings that hold in `folder`, the last value of each; names are in lower case."""
    command = ("git", "config", "--list", "-z", "--includes")
    listed = process.run_raw(command, cwd=folder, environment=environment(hermetic=False)).stdout
    pairs = (entry.partition("\n") for entry in os.fsdecode(listed).split("\0") if entry)
    return {name: value if newline else "true" for name, newline, value in pairs}


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
    return run("describe", "--tags", "--always", cwd=folder).stdout.strip()


def kept_files(folder: Path, parts: Sequence[str]) -> list[str] | None:
    """Files below `parts` of `folder` that are tracked, or new and not ignored; None outside a work tree."""
    if work_tree_around(folder) is None or not available():
        return None
    arguments = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *parts)
    listed = output(*arguments, cwd=folder, accepted=range(256))
    if listed.code != 0:
        return None
    return [name for name in os.fsdecode(listed.stdout).split("\0") if name and (folder / name).exists()]


def tracked_files(folder: Path) -> list[str] | None:
    """Files below `folder` that git tracks, relative to it; None outside a work tree."""
    if work_tree_around(folder) is None or not available():
        return None
    listed = output("ls-files", "-z", "--cached", cwd=folder, accepted=range(256))
    return [name for name in os.fsdecode(listed.stdout).split("\0") if name] if listed.code == 0 else None


def left_out(folder: Path) -> dict[str, tuple[str, str]]:
    """Files below `folder` that are marked "skip-worktree", as in a sparse checkout: mode and id of each."""
    listed = output("ls-files", "-z", "-s", "-t", cwd=folder, accepted=range(256))
    entries = (line.partition(b"\t") for line in listed.stdout.split(b"\0") if line.startswith(b"S "))
    found = {os.fsdecode(path): facts.decode().split() for facts, _, path in entries}
    return {path: (mode, oid) for path, (_, mode, oid, _) in found.items()}


def ignored(folder: Path) -> list[str]:
    """What git would leave out of a repository made of `folder`; a folder that is left out as a whole is one entry."""
    with folders.temporary() as repository:
        checked("init", "--quiet", "--bare", "--template=", str(repository), cwd=folder)
        place = (f"--git-dir={repository}", f"--work-tree={folder}")
        arguments = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
        listed = output(*place, *arguments, cwd=folder, accepted=range(256))
    if listed.code != 0:
        raise failure("ls-files", listed.text)
    return [name for name in os.fsdecode(listed.stdout).split("\0") if name]


def tags(repository: Path) -> list[str]:
    return output("for-each-ref", "--format=%(refname:strip=2)", "refs/tags", cwd=repository).stdout.decode().split()


def commit_named(repository: Path, name: str) -> str | None:
    """The commit that `name` stands for, which git must not be able to take for an option; None where there is none."""
    found = output("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=repository, accepted=(0, 1, 128))
    return found.stdout.decode().strip() if found.code == 0 else None


def tree(repository: Path, revision: str) -> dict[str, Entry]:
    """The files of a revision."""
    return parse_tree(output("ls-tree", "-r", "-z", "--full-tree", f"{revision}^{{tree}}", cwd=repository).stdout)


def diff(repository: Path, before: str, after: str, *options: str) -> bytes:
    """What `git diff` prints, whole: no setting and no attribute of anybody changes it."""
    fixed = ("--find-renames", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
    return output("diff", *fixed, *options, before, after, "--", cwd=repository).stdout
