"""Row of the table: a fault, its target, and its measurement."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.served import Project


@dataclass(frozen=True)
class Result:
    measured: str
    met: bool


Measure: TypeAlias = Callable[[Project], Coroutine[None, None, Result]]


@dataclass(frozen=True)
class Row:
    name: str
    """Name for `--only`."""

    case: str
    target: str
    measure: Measure
