"""Turns the signals that end a program into one exception, and holds them back from what must not be cut short."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_MOMENT = 0.01
"""Seconds after which nothing is being destroyed any more, most likely."""


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
    hook = sys.unraisablehook

    def unraisable(dropped: "sys.UnraisableHookArgs") -> None:
        """What is raised in a destructor, or in the callback of a weak reference, Python drops: it is sent again."""
        if isinstance(dropped.exc_value, Interrupted):
            again = threading.Timer(_MOMENT, os.kill, (os.getpid(), dropped.exc_value.number))
            again.daemon = True
            again.start()
        else:
            hook(dropped)

    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = hook
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
