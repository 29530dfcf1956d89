"""Trees of git: their entries, the differences of two trees, and git's formats for both."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LINK = "120000"
SUBMODULE = "160000"
EXECUTABLE = "100755"
PLAIN = "100644"
REGULAR = {PLAIN, EXECUTABLE}
FOLDER = "040000"
_AUTHOR = "Copperplate <copperplate@localhost> 0 +0000"


@dataclass(frozen=True, slots=True)
class Entry:
    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    before: Entry | None
    after: Entry | None
    origin: str | None = None
    """Path before, if the file was moved."""


def blob_id(content: bytes, object_format: str) -> str:
    """Return git's id for a file of this content."""
    return hashlib.new(object_format, b"blob %d\0" % len(content) + content).hexdigest()


def compare(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[Difference]:
    """Return the change of each path. A moved file is deleted at one path and added at another."""
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    return [Difference(path, before.get(path), after.get(path)) for path in paths]


def joined(paths: Iterable[str]) -> bytes:
    """Return paths as git reads them with `-z`."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def parse_paths(raw: bytes) -> list[str]:
    """Read paths as git writes them with `-z`."""
    return [os.fsdecode(path) for path in raw.split(b"\0")[:-1]]


def parse_entries(raw: bytes) -> Iterator[tuple[str, list[str]]]:
    """Read the paths of `git ls-tree -z` or `git ls-files -z -s`, each with the facts before it."""
    for line in parse_paths(raw):
        facts, _, path = line.partition("\t")
        yield path, facts.split()


def parse_tree(raw: bytes) -> dict[str, Entry]:
    """Read `git ls-tree -r -z`."""
    return {path: Entry(mode, oid) for path, (mode, _, oid) in parse_entries(raw)}


def parse_index(raw: bytes) -> dict[str, Entry]:
    """Read `git ls-files -s -z` of an index without conflicts."""
    return {path: Entry(mode, oid) for path, (mode, oid, _) in parse_entries(raw)}


def parse_differences(raw: bytes) -> Iterator[Difference]:
    """Read `git diff-tree --raw -z --no-abbrev`."""
    fields = iter(raw.split(b"\0")[:-1])
    for line in fields:
        mode_before, mode_after, oid_before, oid_after, status = line.decode().removeprefix(":").split()
        origin = os.fsdecode(next(fields))
        path = os.fsdecode(next(fields)) if status[0] in "RC" else origin
        yield Difference(
            path,
            before=Entry(mode_before, oid_before) if status[0] != "A" else None,
            after=Entry(mode_after, oid_after) if status[0] != "D" else None,
            origin=origin if origin != path else None,
        )


def quoted(path: str | Path) -> bytes:
    """Return a path as git's files write it between double quotes; it may contain any byte."""
    return os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


def index_info(changes: Mapping[str, Entry | None], width: int) -> bytes:
    """Return the input of `git update-index -z --index-info`: removals first, because a file may become a folder."""
    removed = [f"0 {'0' * width}\t".encode() + os.fsencode(path) for path, entry in changes.items() if entry is None]
    added = [f"{entry.mode} {entry.oid}\t".encode() + os.fsencode(path) for path, entry in changes.items() if entry]
    return b"".join(line + b"\0" for line in removed + added)


@dataclass(frozen=True, slots=True)
class MergedTree:
    """Result of `git merge-tree`."""

    tree: str
    stages: dict[str, dict[int, Entry]]
    """Entries of each path with a conflict, by stage."""
    messages: dict[str, tuple[str, str]]
    """First conflict of each path: its kind, and git's message."""


def parse_merge(raw: bytes) -> MergedTree:
    """Read `git merge-tree --write-tree -z --messages`."""
    fields = raw.split(b"\0")
    tree, at = fields[0].decode(), 1
    stages: dict[str, dict[int, Entry]] = {}
    while at < len(fields) and fields[at]:
        facts, _, path = fields[at].partition(b"\t")
        mode, oid, stage = facts.decode().split()
        stages.setdefault(os.fsdecode(path), {})[int(stage)] = Entry(mode, oid)
        at += 1
    messages: dict[str, tuple[str, str]] = {}
    at += 1
    while at < len(fields) - 1 and fields[at]:
        count = int(fields[at])
        paths = [os.fsdecode(path) for path in fields[at + 1 : at + 1 + count]]
        kind, message = (os.fsdecode(field).strip() for field in fields[at + 1 + count : at + 3 + count])
        if kind.startswith("CONFLICT"):
            for name in paths:
                messages.setdefault(name, (kind, message))
        at += 3 + count
    return MergedTree(tree, stages, messages)


def stream_blobs(contents: Iterable[bytes]) -> bytes:
    """Return files for `git fast-import`; later lines name them by their ids."""
    return b"".join(b"blob\ndata %d\n%b\n" % (len(content), content) for content in contents)


def stream_commit(branch: str, *entries: bytes, parent: str = "") -> bytes:
    """Return a commit for `git fast-import`: the files of `parent` with these entries."""
    lines = [f"commit refs/heads/{branch}", f"committer {_AUTHOR}", "data 0"]
    head = "\n".join([*lines, *([f"from refs/heads/{parent}"] if parent else [])]) + "\n"
    return b"".join([head.encode(), *entries, b"\n"])


def stream_entry(path: str, entry: Entry) -> bytes:
    """Return a file of a commit for `git fast-import`, by the id of its content; a tree if `path` is empty."""
    return b'M %b %b "%b"\n' % (entry.mode.encode(), entry.oid.encode(), quoted(path))


def stream_file(path: str, mode: int, content: bytes) -> bytes:
    """Return a file of a commit for `git fast-import`, with its content."""
    return b'M %o inline "%b"\ndata %d\n%b\n' % (mode, quoted(path), len(content), content)
