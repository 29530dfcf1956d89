"""What was done to the revisions of a project, for whoever reports it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    """Relative to the project's root."""
    revision: str
    after: str | None
    """The revision before it, now."""
    note: str
    """A sentence for the user."""
    destroys: bool = False
    """Whether rows are lost when it runs."""


def relative(file: Path, folder: Path) -> str:
    return file.relative_to(folder.resolve()).as_posix()
