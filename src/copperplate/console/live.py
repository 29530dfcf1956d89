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
        self._open: list[str] = []
        """Steps, of which the last has begun last."""
        self._spinner: Status | None = None
        self._told = 0
        """Parts of the last step that a line has told of."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        self._open.append(name)
        self._told = 0
        self._spin()
        mark = ("✗", "red")
        try:
            yield
            mark = ("✓", "green")
        finally:
            self._open.remove(name)
            self._still()
            line(mark, f" {name:<14} ", (f"{time.perf_counter() - start:6.1f} s", "dim"), err=True)
            self._spin()

    def count(self, done: int, total: int) -> None:
        if self._spinner:
            self._spinner.update(f"{self._open[-1]:<14} {done} of {total}")
        elif done < total and done * _PARTS // total > self._told:
            self._told = done * _PARTS // total
            line(f"  {self._open[-1]:<14} {done} of {total}", err=True)

    def _spin(self) -> None:
        """Show on a terminal what is being done, if anything is."""
        self._still()
        if not self._open or not sys.stderr.isatty():
            return
        from rich.console import Console  # noqa: PLC0415 - what is done at once does without

        self._spinner = Console(stderr=True, highlight=False).status(", ".join(self._open))
        self._spinner.start()

    def _still(self) -> None:
        if self._spinner:
            self._spinner.stop()
        self._spinner = None
