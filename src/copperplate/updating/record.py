"""What an update writes down before it begins: every file as it is before and after."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

FOLDER = "folder"
"""The fingerprint of one: what is in it is not looked at."""
STAGE = ".copperplate-landing"
"""The folder in the project where new files wait to be put in place."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the work tree: what it is before and after, as `fingerprint` tells it; None where there is none."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Record:
    state: Literal["landing", "conflicts"]
    prefix: str
    head: str
    """The commit before."""

    commit: str | None
    """The commit after; None while conflicts are left."""

    message: str
    version_before: str
    """Of the template."""

    version: str

    label: str
    """How the template's side is named at a conflict."""

    steps: tuple[Step, ...]
    folders: tuple[str, ...]
    """Those that are made, a parent before its children."""

    empty_folders: tuple[tuple[str, int], ...] = ()
    """Those in whose place a file comes, and their modes; a parent before its children."""

    conflicts: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    """All paths whose entries in the index change, which is more than files: some are not checked out."""
    staged: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """What the user had staged before: it is no part of the update's commit."""

    lock: str | None = None
    """What to make the lock from, where the project's conflicts have to be resolved first."""


def fingerprint(path: Path) -> str | None:
    """What a file is, to the bit; None where there is none."""
    try:
        if path.is_symlink():
            return f"link {path.readlink()}"
        mode = path.stat().st_mode & 0o777
        return f"{mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        return FOLDER


def written(record: Record) -> bytes:
    return json.dumps(asdict(record), indent=1).encode()


def parsed(raw: bytes) -> Record:
    fields = json.loads(raw)
    fields["steps"] = tuple(Step(**step) for step in fields["steps"])
    for name in ("folders", "conflicts", "indexed"):
        fields[name] = tuple(fields[name])
    fields["empty_folders"] = tuple((path, mode) for path, mode in fields.get("empty_folders", ()))
    fields["staged"] = {path: tuple(entry) if entry else None for path, entry in fields["staged"].items()}
    return Record(**fields)
