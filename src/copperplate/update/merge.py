"""Merge: git's three-way merge of two renderings into the project's tree, without a work tree."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from copperplate.git.scratch import Scratch
from copperplate.git.trees import FOLDER, Entry, blob_id, stream_blobs, stream_commit, stream_entry
from copperplate.update.renderings import Files

STAGE_OURS, STAGE_THEIRS = 2, 3
"""Stages of a file in conflict: the project's version, and the template's."""
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
"""Kinds that an update can print. For `contents`, the markers in the file are enough."""


def conflict_sentence(kind: str, stages: Collection[int], told: str) -> str:
    """Describe what happened to a file with these `stages`; for an unknown kind, return git's message `told`."""
    sides = {STAGE_OURS, STAGE_THEIRS} & set(stages)
    one_sided = _YOURS if sides == {STAGE_OURS} else _TEMPLATES if sides == {STAGE_THEIRS} else {}
    return one_sided.get(kind) or _BOTH.get(kind) or _OF_GIT.sub("", told)


OURS = "ours/your-project"
_BASE = "base"


@dataclass(frozen=True, slots=True)
class Sides:
    """Three trees in `Scratch`, and the label of the template's side in a conflict."""

    base: str
    ours: str
    theirs: str
    label: str
    beside: frozenset[str] = frozenset()
    """Files of the project that all three sides have, because the renderings are only a part of it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    path: str
    kind: str
    """Kind by git's name, such as `contents` or `modify/delete`."""
    detail: str
    """Sentence about the changes of each side."""
    stages: Mapping[int, Entry]
    """Stages: 1 for the old template, `STAGE_OURS` and `STAGE_THEIRS`."""


@dataclass(frozen=True, slots=True)
class Merged:
    tree: str
    """Merged tree, with git's markers in files with conflicts."""
    conflicts: tuple[Conflict, ...]
    by_element: frozenset[str] = frozenset()
    """Files whose lists were merged by element, so that a line may be longer than before."""


def write_sides(  # noqa: PLR0913 - three sides, and what they share
    scratch: Scratch, old: Files, ours: str, new: Files, *, version: str, beside: Collection[str] = ()
) -> Sides:
    """Write three commits, each with the project's files at `beside`; that of the old template is their parent."""
    label = f"theirs/template-{version}"
    base, theirs = (_entries(files, scratch.repository.object_format) for files in (old, new))
    both = ((base, old), (theirs, new))
    contents = {entries[path].oid: file.content for entries, files in both for path, file in files.items()}
    known = scratch.entries(ours)
    for oid in scratch.present({entry.oid for entry in known.values()} & contents.keys()):
        del contents[oid]
    shared = {path: known[path] for path in beside if path in known}
    rest: dict[str, Entry | None] = dict.fromkeys(known.keys() - shared.keys())
    common = [stream_entry("", Entry(FOLDER, scratch.edited(ours, rest)))] if shared else []
    scratch.import_stream(
        stream_blobs(contents.values())
        + stream_commit(_BASE, *common, *map(stream_entry, base, base.values()))
        + stream_commit(OURS, stream_entry("", Entry(FOLDER, ours)), parent=_BASE)
        + stream_commit(label, b"deleteall\n", *common, *map(stream_entry, theirs, theirs.values()), parent=_BASE)
    )
    first = scratch.known(f"refs/heads/{_BASE}", {**shared, **base})
    last = scratch.known(f"refs/heads/{label}", {**shared, **theirs})
    return Sides(first, ours, last, label, frozenset(shared))


def merge_trees(scratch: Scratch, three: Sides, *, follow_folders: bool = False) -> Merged:
    """Merge the sides; `follow_folders` also reports files in a folder that the template has moved."""
    found = scratch.merge(OURS, three.label, follow_folders=follow_folders)
    conflicts = []
    for path, stages in sorted(found.stages.items()):
        told, detail = found.messages.get(path, ("contents", f"Merge conflict in {path}"))
        kind = told.removeprefix("CONFLICT").strip(" ()")  # from git's `CONFLICT (modify/delete)`
        conflicts.append(Conflict(path, kind, conflict_sentence(kind, stages, detail), stages))
    return Merged(found.tree, tuple(conflicts))


def has_markers(content: bytes, label: str) -> bool:
    """True if a file has conflict markers of this update, of any length (by the attribute `conflict-marker-size`)."""
    ours, theirs = (re.escape(name.encode()) for name in (OURS, label))
    return re.search(rb"^(<+ %b|>+ %b)" % (ours, theirs), content, re.MULTILINE) is not None


def _entries(files: Files, object_format: str) -> dict[str, Entry]:
    return {path: Entry(f"100{file.mode:o}", blob_id(file.content, object_format)) for path, file in files.items()}


_WORD = re.compile(rb"[\w.]+")


def added_lines(scratch: Scratch, before: Entry | None, after: Entry | None) -> Counter[bytes]:
    """Return the lines that are more frequent in one version of a file than in another."""
    return count_lines(scratch, [after]) - count_lines(scratch, [before])


def count_words(counted: Counter[bytes]) -> Counter[bytes]:
    return Counter(word for line in counted.elements() for word in _WORD.findall(line))


def count_lines(scratch: Scratch, entries: Iterable[Entry | None]) -> Counter[bytes]:
    found = [entry for entry in entries if entry is not None]
    contents = scratch.contents(found)
    counted = Counter[bytes]()
    for entry in found:
        counted.update(line.rstrip(b"\r") for line in contents[entry.oid].split(b"\n"))
    return counted
