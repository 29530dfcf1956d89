"""Queries about repositories, which change nothing, and transfers of objects between repositories."""

import os
import re
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors.updates import MissingObjectsError
from copperplate.git.run import SETTINGS, environment, has_git, output, run, with_settings
from copperplate.git.trees import Entry, parse_entries, parse_paths, parse_tree
from copperplate.system import process


def work_tree_around(folder: Path) -> Path | None:
    """Return the nearest folder, from `folder` upwards, that is the root of a git work tree."""
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def has_commits(repository: Path) -> bool:
    return run("rev-list", "--all", "--max-count=1", cwd=repository).stdout.strip() != ""


@dataclass(frozen=True, slots=True)
class Location:
    root: Path
    """The top of the work tree."""
    prefix: str
    """Path of the folder below the top: empty, or with a slash at its end."""
    git_dir: Path
    """Git folder of this work tree, with its HEAD and its index."""
    common_dir: Path
    objects: Path
    object_format: str


def locate(folder: Path) -> Location | None:
    """Return the repository around `folder`; None if `folder` is in no work tree.

    The user's own settings decide whether a repository of another user may be used.
    """
    separator = f"--{secrets.token_hex(8)}"  # git prints an unknown option back; a path may contain newlines
    folders_of = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--git-path=objects")
    asked = (*folders_of, "--show-object-format", "--show-prefix")
    options = [part for option in asked for part in (*option.split("="), separator)]
    command = ("git", "rev-parse", "--path-format=absolute", *options)
    done = process.run_raw(command, cwd=folder, environment=environment(hermetic=False))
    if done.code != 0:
        return None
    root, git_dir, common_dir, objects, object_format, prefix, _ = (
        part.removesuffix("\n") for part in os.fsdecode(done.stdout).split(f"{separator}\n")
    )
    return Location(Path(root), prefix, Path(git_dir), Path(common_dir), Path(objects), object_format)


def settings(folder: Path) -> dict[str, str]:
    """Return all settings for `folder`, with the last value of each; names are in lower case."""
    command = ("git", "config", "--list", "-z", "--includes")
    listed = process.run_raw(command, cwd=folder, environment=environment(hermetic=False)).stdout
    pairs = (entry.partition("\n") for entry in os.fsdecode(listed).split("\0") if entry)
    return {name: value if newline else "true" for name, newline, value in pairs}


def blobs(folder: Path, oids: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of the files with these ids in the repository `folder`."""
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
    """Return the commit of the repository at `folder`, described by its nearest tag; empty if there is none."""
    if not (folder / ".git").exists() or not has_git():
        return ""
    return run("describe", "--tags", "--always", cwd=folder).stdout.strip()


def kept_files(folder: Path, parts: Sequence[str]) -> list[str] | None:
    """Return the files below `parts` of `folder` that are tracked, or new and not ignored; None outside a work tree."""
    listed = tracked_files(folder, "--others", "--exclude-standard", "--", *parts)
    return None if listed is None else [name for name in listed if (folder / name).exists()]


def tracked_files(folder: Path, *options: str) -> list[str] | None:
    """Return the files below `folder` that git tracks, or that options name; None outside a work tree."""
    if work_tree_around(folder) is None or not has_git():
        return None
    listed = output("ls-files", "-z", "--cached", *options, cwd=folder, accepted=range(256))
    return parse_paths(listed.stdout) if listed.code == 0 else None


def left_out(folder: Path) -> dict[str, tuple[str, str]]:
    """Return the files below `folder` that are marked "skip-worktree", as in a sparse checkout, with mode and id."""
    listed = output("ls-files", "-z", "-s", "-t", cwd=folder, accepted=range(256))
    return {path: (mode, oid) for path, (tag, mode, oid, _) in parse_entries(listed.stdout) if tag == "S"}


def tags(repository: Path) -> list[str]:
    return output("for-each-ref", "--format=%(refname:strip=2)", "refs/tags", cwd=repository).stdout.decode().split()


def commit_named(repository: Path, name: str) -> str | None:
    """Return the commit that `name` stands for, which git must not read as an option; None if there is none."""
    found = output("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=repository, accepted=(0, 1, 128))
    return found.stdout.decode().strip() if found.code == 0 else None


def tree(repository: Path, revision: str) -> dict[str, Entry]:
    return parse_tree(output("ls-tree", "-r", "-z", "--full-tree", f"{revision}^{{tree}}", cwd=repository).stdout)


def diff(repository: Path, before: str, after: str, *options: str) -> bytes:
    """Return the whole output of `git diff`; no setting and no attribute of the user changes it."""
    fixed = ("--find-renames", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
    return output("diff", *fixed, *options, before, after, "--", cwd=repository).stdout


def upload_pack(repository: Path) -> int:
    """Serve `repository` to the git process at the other end of standard input and output. Returns the exit code."""
    # Copier may make a partial clone.
    partial = ("-c", "uploadpack.allowFilter=true", "-c", "uploadpack.allowAnySHA1InWant=true")
    served = (*partial, "-c", f"safe.directory={repository}")  # the cache may be a mounted folder of another user
    spoken = {name: value for name, value in os.environ.items() if name == "GIT_PROTOCOL"}
    command = ("git", *SETTINGS, *served, "upload-pack", "--strict", str(repository))
    return subprocess.run(command, env=environment() | spoken, check=False).returncode


def fetch_tags(url: str, *, into: Path, timeout: float) -> process.Completed:
    """Fetch all tags at `url`, with the user's own access, only by safe protocols, and without a prompt."""
    safe = with_settings("fetch.fsckObjects=true", "core.hooksPath=/dev/null", "gc.auto=0")
    flags = ("--quiet", "--force", "--prune", "--no-tags", "--depth=1")
    never = ("--no-recurse-submodules", "--no-write-fetch-head")
    # On one machine, it is faster to send the objects without compression.
    pack = ("--upload-pack=git -c core.compression=0 -c pack.window=0 upload-pack",) if url.startswith("file:") else ()
    command = ("git", *safe, "fetch", *flags, *never, *pack, "--", url, "+refs/tags/*:refs/tags/*")
    own = {name: value for name, value in os.environ.items() if name.startswith(("GIT_SSH", "GIT_CONFIG"))}
    access = environment(hermetic=False) | own | {"GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_ASKPASS": ""}
    if "GIT_SSH_COMMAND" not in own and "GIT_SSH" not in own and not settings(into).get("core.sshcommand"):
        access["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    try:
        return process.run(command, cwd=into, environment=access, timeout=timeout)
    except TimeoutError as error:
        return process.Completed(1, "", f"fatal: {error}")


_PROMISOR = re.compile(r"remote\.(.+)\.promisor")
_OWN = ("GIT_SSH", "GIT_CONFIG", "GIT_ASKPASS", "GIT_ALLOW_PROTOCOL")
"""Prefixes of the variables that tell git how to reach remotes."""


def promisors(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the remotes of a partial clone that have its missing objects; none for a complete clone."""
    marked = [found[1] for name, value in settings.items() if value == "true" and (found := _PROMISOR.fullmatch(name))]
    return tuple(dict.fromkeys([*marked, *filter(None, [settings.get("extensions.partialclone")])]))


def fetch_missing(git_dir: Path, remotes: Sequence[str], *revisions: str) -> None:
    """Fetch the missing ones of the objects that `git rev-list --objects` lists for `revisions`.

    Git itself would fetch them one at a time. Raises `RefusedError` if no remote sends them.
    """
    before: list[str] = []
    complaint = "no reason was given"
    while missing := _missing(git_dir, *revisions):
        if missing == before:
            count, named = len(missing), " and ".join(remotes)
            what = f"this partial clone lacks {count} objects, and {named} did not send them: {complaint}"
            everything = f"git fetch --refetch --no-filter {remotes[0]}"
            hint = f"try again when the remote answers, or fetch everything at once: {everything}"
            raise MissingObjectsError(what, hint, count=count, remotes=remotes)
        before = missing
        for remote in remotes:
            done = _fetch(git_dir, remote, missing)
            if done.code == 0:
                break
            complaint = done.complaint


def _missing(git_dir: Path, *revisions: str) -> list[str]:
    """Return the missing objects of `revisions` that are known. The content of a missing folder is not known yet."""
    arguments = ("rev-list", "--objects", "--no-object-names", "--missing=print", "--no-walk", *revisions)
    variables = {"GIT_DIR": str(git_dir), "GIT_NO_LAZY_FETCH": "1"}
    listed = output(*arguments, cwd=git_dir, variables=variables).stdout.decode()
    return sorted(line[1:] for line in listed.splitlines() if line.startswith("?"))


def _fetch(git_dir: Path, remote: str, oids: Sequence[str]) -> process.Completed:
    hooks = f"core.hooksPath={os.devnull}"
    settings = with_settings("fetch.negotiationAlgorithm=noop", hooks, "gc.auto=0", "maintenance.auto=false")
    flags = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none")
    command = ("git", *settings, "fetch", *flags, "--stdin", "--", remote)
    own = {name: value for name, value in os.environ.items() if name.startswith(_OWN)}
    variables = environment(hermetic=False) | own | {"GIT_DIR": str(git_dir)}
    stdin = "".join(f"{oid}\n" for oid in oids).encode()
    return process.run_raw(command, cwd=git_dir, environment=variables, stdin=stdin).text


def init_bare(folder: Path) -> None:
    """Make the empty `folder` a repository without a work tree."""
    output("init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".", cwd=folder)


def import_stream(repository: Path, stream: bytes, *, is_temporary: bool = False) -> None:
    """Read a stream of `git fast-import`; in a temporary repository, without compression."""
    options, depth = (("-c", "core.compression=0"), ("--depth=0",)) if is_temporary else ((), ())
    output(*options, "fast-import", "--quiet", *depth, cwd=repository, stdin=stream)
