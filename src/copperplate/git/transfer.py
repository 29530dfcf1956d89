"""Transfer of objects between repositories: serving, fetching, and completing a partial clone."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from copperplate.errors.programs import MissingObjectsError
from copperplate.git.run import SETTINGS, environment, output, setting
from copperplate.system import process


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
    # On one machine, it is faster to send the objects without compression.
    pack = ("--upload-pack=git -c core.compression=0 -c pack.window=0 upload-pack",) if url.startswith("file:") else ()
    command = ("git", *settings, "fetch", *flags, *pack, "--", url, "+refs/tags/*:refs/tags/*")
    own = {name: value for name, value in os.environ.items() if name.startswith(("GIT_SSH", "GIT_CONFIG"))}
    access = environment(hermetic=False) | own | {"GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_ASKPASS": ""}
    if "GIT_SSH_COMMAND" not in own and "GIT_SSH" not in own and not setting("core.sshCommand", into):
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
            raise MissingObjectsError(
                f"this partial clone lacks {len(missing)} objects, and {' and '.join(remotes)} did not send them: "
                f"{complaint}",
                "try again when the remote answers, or fetch everything at once: "
                f"git fetch --refetch --no-filter {remotes[0]}",
                count=len(missing),
                remotes=remotes,
            )
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
    settings = (
        *("-c", "fetch.negotiationAlgorithm=noop", "-c", f"core.hooksPath={os.devnull}"),
        *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    )
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
    options = ("-c", "core.compression=0") if is_temporary else ()
    depth = ("--depth=0",) if is_temporary else ()
    output(*options, "fast-import", "--quiet", *depth, cwd=repository, stdin=stream)
