"""git's merge of the lines of one file, once more after its lists were merged."""

import re
from dataclasses import dataclass

from copperplate.git.scratch import Scratch
from copperplate.updating.merge import OURS

Texts = tuple[str, str, str]
"""A file as it was, as the project has it, and as the template has it."""

MARK = re.compile(rf"^(?P<mark><+) {re.escape(OURS)}\r?$", re.MULTILINE)
_NUMBER_OF_CONFLICTS = tuple(range(128))
"""Exit codes of `git merge-file`."""


@dataclass(frozen=True, slots=True)
class LineMerger:
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
        return has_conflict(self.merge(texts))

    def conflict(self, texts: Texts) -> str:
        """All of three texts as one conflict, as git would write it."""
        base, ours, theirs = texts
        base_label, ours_label, theirs_label = self.labels
        parts = [("<", ours_label, ours), ("=", "", theirs)]
        if self.scratch.repository.conflict_style in {"diff3", "zdiff3"}:
            parts.insert(1, ("|", base_label, base))
        lines = [f"{mark * self.marker_size} {label}".rstrip() + f"\n{_ended(text)}" for mark, label, text in parts]
        return "".join(lines) + f"{'>' * self.marker_size} {theirs_label}\n"


def has_conflict(text: str) -> bool:
    return MARK.search(text) is not None


def with_line_feeds(texts: Texts) -> tuple[Texts, bool]:
    """Without carriage returns, and whether there were any in each text."""
    if not all("\r\n" in text for text in texts):
        return texts, False
    base, ours, theirs = (text.replace("\r\n", "\n") for text in texts)
    return (base, ours, theirs), True


def has_plain_lines(text: str) -> bool:
    """Whether each line ends in a line feed, the last one too, and in nothing else that counts as an end of line."""
    return text.endswith("\n") and "\r" not in text and len(text.splitlines()) == text.count("\n")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
