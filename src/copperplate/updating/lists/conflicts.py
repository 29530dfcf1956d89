"""Conflicts of git's merge that lie in lists, resolved where both sides have changed different elements."""

import re
import tomllib
from dataclasses import dataclass, replace

from copperplate.updating.lists import check
from copperplate.updating.lists.languages import Language, language
from copperplate.updating.lists.listing import Listing, replaced
from copperplate.updating.lists.python import Conventions
from copperplate.updating.lists.versions import Conflicts, merges
from copperplate.updating.merge import OURS, STAGE_OURS, STAGE_THEIRS, Conflict, Merged, Sides
from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import EXECUTABLE, PLAIN, Entry

Texts = tuple[str, str, str]
"""A file as it was, as the project has it, and as the template has it."""

_SETTINGS = "pyproject.toml"
_STAGES = (1, STAGE_OURS, STAGE_THEIRS)
_MARK = re.compile(rf"^(?P<mark><+) {re.escape(OURS)}\r?$", re.MULTILINE)
_BASE_LABEL = re.compile(r"^\|+ (?P<label>[^\r\n]*)", re.MULTILINE)
_NUMBER_OF_CONFLICTS = tuple(range(128))
"""Exit codes of `git merge-file`."""


@dataclass(frozen=True, slots=True)
class _Merger:
    """git's merge of one file, with the markers that it has used there before."""

    scratch: Scratch
    labels: Texts
    marker_size: int

    def merge(self, texts: Texts, *flags: str) -> str:
        names = ("base", "ours", "theirs")
        files = {name: self.scratch.path / f"list.{name}" for name in names}
        for name, text in zip(names, texts, strict=True):
            files[name].write_bytes(text.encode())
        base, ours, theirs = self.labels
        merged = self.scratch.run(
            *("-c", f"merge.conflictStyle={self.scratch.repository.conflict_style}"),
            *("merge-file", "-p", "--quiet", f"--marker-size={self.marker_size}", *flags),
            *("-L", ours, "-L", base, "-L", theirs),
            *(str(files[name]) for name in ("ours", "base", "theirs")),
            accepted=_NUMBER_OF_CONFLICTS,
        )
        for file in files.values():
            file.unlink()
        return merged.decode()

    def conflicts(self, texts: Texts) -> bool:
        return _MARK.search(self.merge(texts)) is not None


def merge(scratch: Scratch, sides: Sides, merged: Merged) -> Merged:
    """Resolve each conflict in a list that has one reasonable result; leave every other one as git shows it."""
    shown = scratch.entries(merged.tree)
    of_lists = [conflict for conflict in merged.conflicts if _may_be_of_lists(conflict, shown.get(conflict.path))]
    if not of_lists:
        return merged
    conventions = _conventions(scratch, sides)
    edits: dict[str, Entry | None] = {}
    resolved = []
    for conflict in of_lists:
        entry = shown[conflict.path]
        text = _resolved(scratch, sides, conflict, entry, conventions)
        if text is not None:
            edits[conflict.path] = replace(entry, oid=scratch.store(text.encode()))
            if not _MARK.search(text):
                resolved.append(conflict)
    left = tuple(conflict for conflict in merged.conflicts if conflict not in resolved)
    return Merged(scratch.edited(merged.tree, edits), left, frozenset(conflict.path for conflict in resolved))


def with_lists_merged(known: Language, texts: Texts, conflicts: Conflicts) -> Texts:
    """The three versions, with one text for each list that both sides have changed and that has one result."""
    base, ours, theirs = (known.listings(text) for text in texts)
    changes: tuple[list[tuple[Listing, str]], ...] = ([], [], [])
    for name in base:
        if name in ours and name in theirs:
            for three, result in merges(base[name], ours[name], theirs[name], conflicts):
                before, by_ours, by_theirs = (listing.render() for listing in three)
                if check.has_all_words(before, by_ours, by_theirs, result):
                    for change, listing in zip(changes, three, strict=True):
                        change.append((listing, result))
    first, second, third = (replaced(text, change) for text, change in zip(texts, changes, strict=True))
    return first, second, third


def is_sound(known: Language, texts: Texts, result: str) -> bool:
    """Whether `result` can be read, and has the changes of both sides and nothing else, as data and as text."""
    try:
        base, ours, theirs, now = map(known.data, (*texts, result))
    except ValueError:
        return False
    return (
        repeats_nothing(known, texts, result)
        and check.has_all_words(*texts, result)
        and check.agrees((base, ours, theirs, now), known.is_set)
    )


def repeats_nothing(known: Language, texts: Texts, result: str) -> bool:
    """Whether `result` can be read, and holds nothing twice that stands once in each side."""
    try:
        known.data(result)
        return check.repeats_nothing(*map(known.repeats, (texts[1], texts[2], result)))
    except ValueError:
        return False


def _may_be_of_lists(conflict: Conflict, shown: Entry | None) -> bool:
    entries = [*conflict.stages.values(), shown]
    return (
        conflict.kind == "contents"
        and set(conflict.stages) == set(_STAGES)
        and all(entry is not None and entry.mode in {PLAIN, EXECUTABLE} for entry in entries)
        and language(conflict.path, Conventions()) is not None
    )


def _resolved(scratch: Scratch, sides: Sides, conflict: Conflict, shown: Entry, conventions: Conventions) -> str | None:
    """The file with fewer conflicts or with none; None where git's are the only ones to show."""
    known = language(conflict.path, conventions)
    entries = {str(stage): entry for stage, entry in conflict.stages.items()} | {"shown": shown}
    contents = scratch.files(entries, list(entries))
    try:
        base, ours, theirs = (contents[str(stage)].decode() for stage in _STAGES)
        marked = contents["shown"].decode()
    except UnicodeDecodeError:
        return None
    is_crlf = all("\r\n" in text for text in (base, ours, theirs))
    base, ours, theirs = (text.replace("\r\n", "\n") if is_crlf else text for text in (base, ours, theirs))
    mark = _MARK.search(marked)
    if known is None or mark is None or not all(map(_has_plain_lines, (base, ours, theirs))):
        return None
    base_label = _BASE_LABEL.search(marked)
    labels = (base_label["label"] if base_label else "base", OURS, sides.label)
    merger = _Merger(scratch, labels, len(mark["mark"]))
    changed = with_lists_merged(known, (base, ours, theirs), merger.conflicts)
    if changed == (base, ours, theirs):
        return None
    result = merger.merge(changed)
    if _MARK.search(result):
        chosen = (merger.merge(changed, flag) for flag in ("--ours", "--theirs"))
        readable = all(repeats_nothing(known, (base, ours, theirs), text) for text in chosen)
    else:
        readable = is_sound(known, (base, ours, theirs), result)
    if not readable:
        return None
    return result.replace("\n", "\r\n") if is_crlf else result


def _has_plain_lines(text: str) -> bool:
    """Whether each line ends in a line feed, the last one too, and in nothing else that counts as an end of line."""
    return text.endswith("\n") and "\r" not in text and len(text.splitlines()) == text.count("\n")


def _conventions(scratch: Scratch, sides: Sides) -> Conventions:
    entries = scratch.entries(sides.ours)
    modules = (path.removeprefix("src/") for path in entries if path.endswith(".py"))
    found = Conventions(first_party=frozenset(path.partition("/")[0].removesuffix(".py") for path in modules))
    try:
        length = tomllib.loads(scratch.text(entries[_SETTINGS]))["tool"]["ruff"]["line-length"]
    except (KeyError, TypeError, ValueError):
        return found
    return replace(found, line_length=length) if isinstance(length, int) else found
