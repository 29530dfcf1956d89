"""The notes of a release for those who update to it: `notes/<version>.md` beside the template's `copier.yml`.

Markdown with two headings, each with a list: `## Breaking` and `## By hand`. Text outside of them is for readers of the
template. The newest template holds the notes of all versions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from copperplate.templates.bundled import parsed_version

FOLDER = "notes"
BREAKING, STEPS = "Breaking", "By hand"
_HEADING = re.compile(r"##\s+(.*?)\s*")
_ITEM = re.compile(r"[-*]\s+(.*)")


@dataclass(frozen=True, slots=True)
class Note:
    version: str
    breaking: tuple[str, ...]
    steps: tuple[str, ...]
    """What the user does by hand."""


def between(template: Path, old: str, new: str) -> tuple[Note, ...]:
    """The notes of all versions after `old` up to `new`, the oldest first."""
    low, high = parsed_version(old), parsed_version(new)
    if low is None or high is None:
        return ()
    found = ((version, file) for file in (template / FOLDER).glob("*.md") if (version := parsed_version(file.stem)))
    chosen = sorted((version, file) for version, file in found if low < version <= high)
    return tuple(parse(file.stem, file.read_text(encoding="utf-8")) for _, file in chosen)


def parse(version: str, text: str) -> Note:
    items = list(_items(text))
    return Note(
        version,
        breaking=tuple(item for heading, item in items if heading == BREAKING),
        steps=tuple(item for heading, item in items if heading == STEPS),
    )


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Each item of a list, its lines joined, with the heading above it."""
    heading, item = "", ""
    for line in [*text.splitlines(), ""]:
        if line[:1].isspace() and line.strip() and item:
            item += f" {line.strip()}"
            continue
        if item:
            yield heading, item
            item = ""
        if found := _HEADING.fullmatch(line):
            heading = found[1]
        elif found := _ITEM.fullmatch(line):
            item = found[1]
