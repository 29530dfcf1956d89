"""Merge: git's own three-way merge of two renderings into the project's tree, without a work tree."""

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from copperplate.git.scratch import Scratch
from copperplate.git.trees import Difference, Entry, blob_id, compare, parse_differences, quoted
from copperplate.update.renderings import Files

STAGE_OURS, STAGE_THEIRS = 2, 3
"""Stages of a file in conflict: as the project has it, and as the template has it."""

_OF_GIT = re.compile(r"^CONFLICT ?\([^)]*\): *")

_BOTH = {
    "binary": "you and the template have changed a file that is not merged as text; your version is in place",
    "distinct modes": "you and the template have made different kinds of files of it, such as a file and a link",
    "rename/rename": "you and the template have moved it to different places",
    "rename involved in collision": "a file was moved here, where the other side has another file",
    "file in way of directory rename": "its folder was moved, and another file has its new place",
    "directory rename collision": "its folder was moved, and another file has its new place",
    "directory rename unclear split": "its folder was divided, so it is not clear where the file belongs",
}
_YOURS = {
    "modify/delete": "the template has deleted or moved it, and you have changed it",
    "rename/delete": "you have moved it, and the template has deleted it",
    "rename/rename": "you have moved it here, and the template elsewhere",
    "file/directory": "a folder of the template has the place of your file; yours stays under this name",
    "directory rename suggested": "it is your file, in a folder that the template has moved; so it was moved here",
}
_TEMPLATES = {
    "modify/delete": "you have deleted it, and the template has changed it",
    "rename/delete": "the template has moved it here, and you have deleted it",
    "rename/rename": "the template has moved it here, and you elsewhere",
    "file/directory": "a folder of yours has the place of the template's file; that file is under this name",
    "directory rename suggested": "the template adds it in a folder that you have moved; so it was put here",
}

CONFLICT_KINDS = sorted({"contents", *_BOTH, *_YOURS})
"""Kinds that an update can print; of `contents`, the markers in the file say all."""


def conflict_kind(told: str) -> str:
    """The kind in what git tells, such as `CONFLICT (modify/delete)`."""
    return told.removeprefix("CONFLICT").strip(" ()")


def conflict_sentence(kind: str, stages: Collection[int], told: str) -> str:
    """What has happened to a file that is there in these `stages`; of an unknown kind, what git has `told`."""
    sides = {STAGE_OURS, STAGE_THEIRS} & set(stages)
    one_sided = _YOURS if sides == {STAGE_OURS} else _TEMPLATES if sides == {STAGE_THEIRS} else {}
    return one_sided.get(kind) or _BOTH.get(kind) or _OF_GIT.sub("", told)


OURS = "ours/your-project"
_BASE = "base"
_AUTHOR = "Copperplate <copperplate@localhost> 0 +0000"
_HAS_TEXT_CONFLICT = 1


@dataclass(frozen=True, slots=True)
class Sides:
    """Three trees as `Scratch` knows them, and the name of the template's side as it stands at a conflict."""

    base: str
    ours: str
    theirs: str
    label: str


@dataclass(frozen=True, slots=True)
class Conflict:
    path: str
    kind: str
    """As git calls it, such as `contents` or `modify/delete`."""
    detail: str
    """What each side has done, in a sentence."""
    stages: Mapping[int, Entry]
    """1 as the template was, and `STAGE_OURS`, and `STAGE_THEIRS`."""


@dataclass(frozen=True, slots=True)
class Merged:
    tree: str
    """With git's markers in the files that conflict."""
    conflicts: tuple[Conflict, ...]
    by_element: frozenset[str] = frozenset()
    """Files whose lists were merged element by element, so that a line of theirs may have become longer."""


def write_sides(scratch: Scratch, old: Files, ours: str, new: Files, *, version: str) -> Sides:
    """Write all three sides as commits, the project's and the new template's both on the old template's."""
    label = f"theirs/template-{version}"
    base, theirs = (_entries(files, scratch.repository.object_format) for files in (old, new))
    contents = {
        entries[path].oid: file.content
        for entries, files in ((base, old), (theirs, new))
        for path, file in files.items()
    }
    for oid in scratch.present({entry.oid for entry in scratch.entries(ours).values()} & contents.keys()):
        del contents[oid]
    stream = (
        b"".join(b"blob\ndata %d\n%b\n" % (len(content), content) for content in contents.values())
        + _commit(_BASE)
        + _listed(base)
        + _commit(OURS, parent=_BASE)
        + f'M 040000 {ours} ""\n\n'.encode()
        + _commit(label, parent=_BASE)
        + b"deleteall\n"
        + _listed(theirs)
    )
    scratch.run("fast-import", "--quiet", "--force", "--depth=0", stdin=stream)
    return Sides(scratch.known(f"refs/heads/{_BASE}", base), ours, scratch.known(f"refs/heads/{label}", theirs), label)


def merge_trees(scratch: Scratch, three: Sides, *, follow_folders: bool = False) -> Merged:
    """Merge; `follow_folders` also tells of files that lie in a folder which the template has moved."""
    settings = (
        *("-c", f"merge.conflictStyle={scratch.repository.conflict_style}"),
        *("-c", f"merge.directoryRenames={'conflict' if follow_folders else 'false'}"),
    )
    command = ("merge-tree", "--write-tree", "-z", "--messages", OURS, three.label)
    return _parse(scratch.run(*settings, *command, accepted=(0, _HAS_TEXT_CONFLICT)))


def differences(scratch: Scratch, before: str, after: str) -> list[Difference]:
    """With moves as git sees them, which is asked where something could have been moved."""
    found = compare(scratch.entries(before), scratch.entries(after))
    if all(change.before for change in found) or all(change.after for change in found):
        return found
    command = ("diff-tree", "-r", "--raw", "-z", "--no-abbrev", "-M50%", "-l20000")
    return list(parse_differences(scratch.run(*command, before, after)))


def patch(scratch: Scratch, before: str, after: str) -> str:
    raw = scratch.run("diff-tree", "-r", "-p", "-M", "--no-ext-diff", "--no-textconv", "--no-color", before, after)
    return raw.decode("utf-8", "replace")


def has_markers(content: bytes, label: str) -> bool:
    """Whether a conflict of this update is left in a file; marks of others are not counted.

    They may be of any length: the attribute `conflict-marker-size` sets it.
    """
    ours, theirs = (re.escape(name.encode()) for name in (OURS, label))
    return re.search(rb"^(<+ %b|>+ %b)" % (ours, theirs), content, re.MULTILINE) is not None


def _commit(branch: str, parent: str = "") -> bytes:
    lines = [f"commit refs/heads/{branch}", f"committer {_AUTHOR}", "data 0"]
    return ("\n".join([*lines, *([f"from refs/heads/{parent}"] if parent else [])]) + "\n").encode()


def _entries(files: Files, object_format: str) -> dict[str, Entry]:
    return {path: Entry(f"100{file.mode:o}", blob_id(file.content, object_format)) for path, file in files.items()}


def _listed(entries: Mapping[str, Entry]) -> bytes:
    return b"".join(_written(path, entry) for path, entry in entries.items()) + b"\n"


def _written(path: str, entry: Entry) -> bytes:
    return b'M %b %b "%b"\n' % (entry.mode.encode(), entry.oid.encode(), quoted(path))


def _parse(raw: bytes) -> Merged:
    """Read the tree, the entries of conflicts and the messages of `git merge-tree -z`."""
    fields = raw.split(b"\0")
    tree, at = fields[0].decode(), 1
    stages: dict[str, dict[int, Entry]] = {}
    while at < len(fields) and fields[at]:
        facts, _, path = fields[at].partition(b"\t")
        mode, oid, stage = facts.decode().split()
        stages.setdefault(os.fsdecode(path), {})[int(stage)] = Entry(mode, oid)
        at += 1
    told: dict[str, tuple[str, str]] = {}
    at += 1
    while at < len(fields) - 1 and fields[at]:
        count = int(fields[at])
        paths = [os.fsdecode(path) for path in fields[at + 1 : at + 1 + count]]
        kind, detail = (os.fsdecode(field).strip() for field in fields[at + 1 + count : at + 3 + count])
        if kind.startswith("CONFLICT"):
            for name in paths:
                told.setdefault(name, (conflict_kind(kind), detail))
        at += 3 + count
    conflicts = []
    for name, found in sorted(stages.items()):
        kind, detail = told.get(name, ("contents", f"Merge conflict in {name}"))
        conflicts.append(Conflict(name, kind, conflict_sentence(kind, found, detail), found))
    return Merged(tree, tuple(conflicts))


_WORD = re.compile(rb"[\w.]+")


def added_lines(scratch: Scratch, before: Entry | None, after: Entry | None) -> Counter[bytes]:
    """The lines that one version of a file has more often than another."""
    return count_lines(scratch, [after]) - count_lines(scratch, [before])


def count_words(counted: Counter[bytes]) -> Counter[bytes]:
    """The words of these lines."""
    return Counter(word for line in counted.elements() for word in _WORD.findall(line))


def count_lines(scratch: Scratch, entries: Iterable[Entry | None]) -> Counter[bytes]:
    """The lines of all these files, each with the times that it is there."""
    found = [entry for entry in entries if entry is not None]
    contents = scratch.contents(found)
    counted = Counter[bytes]()
    for entry in found:
        counted.update(line.rstrip(b"\r") for line in contents[entry.oid].split(b"\n"))
    return counted
