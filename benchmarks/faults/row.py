"""A row of the table: a fault, what is promised, and how it is measured."""

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
    """For `--only`."""

    case: str
    target: str
    measure: Measure
