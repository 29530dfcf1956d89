"""The one commit that an update makes, by the user's own identity, and how it gets into the user's repository."""

from collections.abc import Iterable, Mapping

from copperplate import durable, git
from copperplate.errors import BrokenError, RefusedError
from copperplate.git import Identity
from copperplate.updating import index, tryout
from copperplate.updating.record import Record
from copperplate.updating.repository import Repository
from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import Entry

_LARGE_PACK = 4_000_000
"""Bytes from which a pack is kept as it is: to compress each of its objects anew would take seconds."""


def commit(scratch: Scratch, head: str, tree: str, message: str, author: Identity) -> str:
    """Commit the project's `tree` on `head`, in `scratch` so far; no hook runs, and nothing is signed."""
    whole = tryout.whole(scratch, head, tree)
    try:
        return _commit(scratch, head, whole, message, git.signature(scratch.repository.settings, author))
    except BrokenError:  # git refuses names that are all punctuation
        return _commit(scratch, head, whole, message, git.neutral_signature())


def _commit(scratch: Scratch, head: str, tree: str, message: str, who: Mapping[str, str]) -> str:
    arguments = ("commit-tree", tree, "-p", head, "-F", "-")
    return scratch.run(*arguments, stdin=f"{message}\n".encode(), variables=who).decode().strip()


def give(scratch: Scratch, commit: str | None, head: str, *, otherwise: Iterable[str] = ()) -> None:
    """Let the user's repository have what `commit` adds to `head`, or else these objects; nothing names them yet."""
    wanted = [*([commit, f"^{head}"] if commit else otherwise), ""]
    revisions = ("--revs",) if commit else ()
    pack = scratch.run("pack-objects", "-q", "--local", "--stdout", *revisions, stdin="\n".join(wanted).encode())
    store = ("unpack-objects", "-q") if len(pack) < _LARGE_PACK else ("index-pack", "--stdin")
    durable.outside(store[0], scratch.repository.objects)
    fsync = ("-c", "core.fsync=all", "-c", "core.fsyncMethod=batch")
    scratch.repository.run(*fsync, *store, stdin=pack)


def move_branch(repository: Repository, commit: str, head: str, message: str) -> None:
    durable.outside("update-ref", repository.git_dir)
    try:
        repository.run("update-ref", "-m", f"copperplate: {message}", "HEAD", commit, head)
    except BrokenError:
        if repository.head() == head:
            raise
        raise commit_meanwhile(repository) from None


def commit_meanwhile(repository: Repository) -> RefusedError:
    return RefusedError(f"{repository.root} has got another commit meanwhile", "run the same command again")


def staged(scratch: Scratch, record: Record) -> str:
    """The project's tree as it is staged, without what was staged before the update and is no part of it."""
    copy = index.copied(scratch, "commit.index")
    stages = index.listed(scratch, copy).stages
    before = scratch.entries(f"{record.head}^{{tree}}") if record.staged else {}
    apart: dict[str, index.Stages] = {}
    for path, recorded in record.staged.items():
        then = Entry(*recorded) if recorded else None
        if stages.get(path, {}).get(0) == then:
            apart[path] = {0: before[path]} if path in before else {}
    if apart:
        index.write_entries(scratch, copy, apart)
    whole = scratch.run("write-tree", "--missing-ok", index=copy).decode().strip()
    prefix = scratch.repository.prefix.rstrip("/")
    return scratch.run("rev-parse", "--verify", f"{whole}:{prefix}").decode().strip()
