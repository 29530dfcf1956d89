"""How a command tells that it is getting on, without knowing who listens."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    def step(self, name: str) -> AbstractContextManager[None]:
        """Show that `name` is being done, for as long as the context is open."""


class Silent:
    def step(self, name: str) -> AbstractContextManager[None]:
        del name
        return nullcontext()


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    seconds: float


class Steps:
    """Passes each step on to a `Progress` and keeps the time of those that ended well."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done: list[Step] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        with self._progress.step(name):
            yield
        self._done.append(Step(name, time.perf_counter() - start))

    @property
    def done(self) -> tuple[Step, ...]:
        return tuple(self._done)
