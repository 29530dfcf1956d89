"""Progress of a command: it reports steps, and is independent of the console."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    def step(self, name: str) -> AbstractContextManager[None]:
        """Show that the step `name` is running, until the context is left."""

    def count(self, done: int, total: int) -> None:
        """Show that `done` parts of the open step are done."""


class Silent:
    def step(self, name: str) -> AbstractContextManager[None]:
        del name
        return nullcontext()

    def count(self, done: int, total: int) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    seconds: float


class Steps:
    """Progress that passes each step on to another one, and keeps the times of the steps that succeeded."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done: list[Step] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        with self._progress.step(name):
            yield
        self._done.append(Step(name, time.perf_counter() - start))

    def count(self, done: int, total: int) -> None:
        self._progress.count(done, total)

    @property
    def done(self) -> tuple[Step, ...]:
        return tuple(self._done)
