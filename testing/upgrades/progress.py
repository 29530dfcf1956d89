import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from copperplate.progress import Silent


class Lines(Silent):
    """Progress with a line for each step that has ended."""

    def __init__(self, what: str) -> None:
        self._what = what

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        mark = "✗"
        try:
            yield
            mark = "✓"
        finally:
            sys.stderr.write(f"{mark} {self._what}: {name} {time.monotonic() - started:.1f} s\n")
