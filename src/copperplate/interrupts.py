"""Turns the signals that end a program into one exception, and holds them back from what must not be cut short."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupted(BaseException):
    """No `KeyboardInterrupt`, for libraries catch that one to act upon it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class _Shield:
    depth = 0
    held: int | None = None


def _receive(number: int, _frame: FrameType | None) -> None:
    if _Shield.depth:
        _Shield.held = number
    else:
        raise Interrupted(number)


@contextmanager
def raised() -> Iterator[None]:
    """While open, SIGINT, SIGTERM and SIGHUP raise `Interrupted` in the main thread."""
    before = {number: signal.signal(number, _receive) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _Shield.held = None


@contextmanager
def held() -> Iterator[None]:
    """While open, such a signal waits; it is raised on the way out, unless another exception is already under way."""
    _Shield.depth += 1
    try:
        yield
    finally:
        _Shield.depth -= 1
    if not _Shield.depth and _Shield.held is not None:
        number, _Shield.held = _Shield.held, None
        raise Interrupted(number)
