"""Speaks with another git: serves a repository to it, fetches from it."""

import os
import subprocess
from pathlib import Path

from copperplate import process
from copperplate.git.running import SETTINGS, environment, setting


def upload_pack(repository: Path) -> int:
    """Serve `repository` to the git at the other end of standard input and output; the exit code of doing so."""
    partial = ("-c", "uploadpack.allowFilter=true", "-c", "uploadpack.allowAnySHA1InWant=true")  # as Copier may clone
    served = (*partial, "-c", f"safe.directory={repository}")  # the cache may be mounted, and somebody else's
    spoken = {name: value for name, value in os.environ.items() if name == "GIT_PROTOCOL"}
    command = ("git", *SETTINGS, *served, "upload-pack", "--strict", str(repository))
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
    # On this machine neither a smaller pack nor the common part of two files is worth the time that they take.
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
