"""That a command is getting on: one line a step, a spinner on a terminal, then the time it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from copperplate.console.lines import line


class LiveProgress:
    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            with _spinner(name) if sys.stderr.isatty() else nullcontext():
                yield
        except BaseException:
            _ended(("✗", "red"), name, start)
            raise
        _ended(("✓", "green"), name, start)


def _spinner(name: str) -> AbstractContextManager[object]:
    from rich.console import Console  # noqa: PLC0415 - what is done at once does without

    return Console(stderr=True, highlight=False).status(name)


def _ended(mark: tuple[str, str], name: str, start: float) -> None:
    line(mark, f" {name:<12} ", (f"{time.perf_counter() - start:6.1f} s", "dim"), err=True)
