"""Errors of git, uv and Python: they are missing or too old, have failed, or a repository cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate.errors import BrokenError, InputError, RefusedError


class NoGitError(RefusedError):
    """Git is not installed."""


@dataclass(eq=False, kw_only=True)
class GitTooOldError(RefusedError):
    version: str


@dataclass(eq=False, kw_only=True)
class GitFailedError(BrokenError):
    verb: str
    complaint: str


@dataclass(eq=False, kw_only=True)
class GitBusyError(RefusedError):
    """Another git process uses the index."""

    lock: Path


@dataclass(eq=False, kw_only=True)
class GitUnfinishedError(RefusedError):
    """A merge, a rebase or the like is in progress."""

    operation: str


@dataclass(eq=False, kw_only=True)
class NoRepositoryError(RefusedError):
    project: Path


@dataclass(eq=False, kw_only=True)
class NoCommitsError(RefusedError):
    """The repository has no commits, or none of them has the project."""

    root: Path


@dataclass(eq=False, kw_only=True)
class MissingObjectsError(RefusedError):
    """A partial clone lacks objects, and its remotes did not send them."""

    count: int
    remotes: Sequence[str]


@dataclass(eq=False, kw_only=True)
class UvFailedError(BrokenError):
    verb: str
    complaint: str


@dataclass(eq=False, kw_only=True)
class NoPythonError(BrokenError):
    """Uv neither finds nor downloads a Python that the project needs."""

    needed: str


@dataclass(eq=False, kw_only=True)
class PythonTooOldError(InputError):
    version: str
    floor: str


@dataclass(eq=False, kw_only=True)
class UnknownPythonError(InputError):
    """There is no such Python, or it does not run."""

    request: str
