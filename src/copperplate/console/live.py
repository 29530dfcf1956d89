"""The progress of a command: a line for each step with its time; on a terminal a spinner until the step ends."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from copperplate.console.lines import line

if TYPE_CHECKING:
    from rich.status import Status

_PARTS = 10
"""Lines that tell the progress of one long step, where no terminal shows it live."""


class LiveProgress:
    def __init__(self) -> None:
        self._name = ""
        self._spinner: Status | None = None
        self._told = 0
        """Parts of the step that a line has told of."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        self._name, self._told = name, 0
        try:
            with self._spinning(name):
                yield
        except BaseException:
            _ended(("✗", "red"), name, start)
            raise
        _ended(("✓", "green"), name, start)

    def count(self, done: int, total: int) -> None:
        if self._spinner:
            self._spinner.update(f"{self._name:<14} {done} of {total}")
        elif done < total and done * _PARTS // total > self._told:
            self._told = done * _PARTS // total
            line(f"  {self._name:<14} {done} of {total}", err=True)

    @contextmanager
    def _spinning(self, name: str) -> Iterator[None]:
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console  # noqa: PLC0415 - what is done at once does without

        with Console(stderr=True, highlight=False).status(name) as spinner:
            self._spinner = spinner
            try:
                yield
            finally:
                self._spinner = None


def _ended(mark: tuple[str, str], name: str, start: float) -> None:
    line(mark, f" {name:<14} ", (f"{time.perf_counter() - start:6.1f} s", "dim"), err=True)
