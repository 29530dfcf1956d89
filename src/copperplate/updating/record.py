"""The record of an update: every file as it is before and after, written down before the first one is touched."""

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

STAGE_BEFORE_0_8 = ".copperplate-landing"
"""The stage of every update that a version before 0.8.0 began."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the work tree: its fingerprint before and after, or None where there is no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Record:
    state: Literal["landing", "applying", "conflicts", "reverting"]
    """`landing` has touched no file yet, `applying` has; `reverting` was applied to the end, and is taken back."""

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

    conflicts: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    """All paths whose entries in the index change, which is more than files: some are not checked out."""
    staged: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """What the user had staged before: it is no part of the update's commit."""

    lock: str | None = None
    """What to make the lock from, where the project's conflicts have to be resolved first."""

    stage: str | None = None
    """The folder in the project where files wait that are moved; None if a version before 0.8.0 began the update."""

    answers: dict[str, str | bool] = field(default_factory=dict)
    """What the answers file has to say when the update is finished: the version, and the answers that change."""

    modes: dict[str, int] = field(default_factory=dict)
    """The permissions of the folders that the update may remove."""


def written(record: Record) -> bytes:
    return json.dumps(asdict(record), indent=1).encode()


def parsed(raw: bytes) -> Record:
    fields = json.loads(raw)
    fields["steps"] = tuple(Step(**step) for step in fields["steps"])
    for name in ("folders", "conflicts", "indexed"):
        fields[name] = tuple(fields[name])
    fields["staged"] = {path: tuple(entry) if entry else None for path, entry in fields["staged"].items()}
    return Record(**fields)
