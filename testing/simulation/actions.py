"""Random histories of projects: the actions of users and templates, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a file. The numbers are taken modulo what there is, so every act is possible."""

    verb: str
    file: int = 0
    line: int = 0
    size: int = 1
    other: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Work of a user, committed and uncommitted, and then a request to Copperplate."""

    work: tuple[Act, ...]
    loose: tuple[Act, ...]
    request: Act
    dry: bool = False
    """Look first."""
    steps: bool = False
    """Also go by way of all versions between."""
    resolve: bool = False
    """Resolve conflicts, instead of living without the update."""
    meanwhile: tuple[Act, ...] = ()
    """Work of the user while conflicts wait: before `--abort`, and before `--continue`."""


@dataclass(frozen=True, slots=True)
class Life:
    versions: tuple[tuple[Act, ...], ...]
    """Changes of each version of the template after the first to the one before."""
    turns: tuple[Turn, ...]
    settings: tuple[str, ...] = ()
    """Of the repository, as `repositories` names them."""
    extra: bool = False
    """True if the project has the option `extra` from the start, so that it can be removed."""


def picked(choices: Sequence[T], number: int) -> T | None:
    return choices[number % len(choices)] if choices else None
