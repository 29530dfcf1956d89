"""Signals that end a program: raised as one exception, and deferred while something must not be cut short."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_MOMENT = 0.05
"""Seconds after which nothing is being destroyed any more, most likely."""


class Interrupted(BaseException):
    """No `KeyboardInterrupt`, for libraries catch that one to act upon it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number
        self.done = _Shield.done
        """What has been done before it, if anything; a sentence without its full stop."""


class _Shield:
    depth = 0
    held: int | None = None
    is_settled = False
    done = ""


def _receive(number: int, _frame: FrameType | None) -> None:
    if _Shield.depth or _Shield.is_settled:
        _Shield.held = number
    else:
        raise Interrupted(number)


def _send_again(number: int) -> None:
    """Send the signal once more in a moment; one that arrives already while this is prepared is sent again too."""
    _Shield.depth += 1
    again = threading.Timer(_MOMENT, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()
    _Shield.depth -= 1
    if not _Shield.depth and _Shield.held is not None:
        number, _Shield.held = _Shield.held, None
        _send_again(number)


@contextmanager
def as_exceptions() -> Iterator[None]:
    """While open, SIGINT, SIGTERM and SIGHUP raise `Interrupted` in the main thread."""
    _Shield.is_settled, _Shield.done = False, ""
    before = {number: signal.signal(number, _receive) for number in _ENDING}
    hook = sys.unraisablehook

    def unraisable(dropped: "sys.UnraisableHookArgs") -> None:
        """What is raised in a destructor, or in the callback of a weak reference, Python drops: it is sent again."""
        if isinstance(dropped.exc_value, Interrupted):
            _send_again(dropped.exc_value.number)
        else:
            hook(dropped)

    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
        _Shield.held, _Shield.is_settled, _Shield.done = None, False, ""


def settle() -> None:
    """Let such signals wait from here on: what was asked for is done, and only has to be reported."""
    _Shield.is_settled = True


def ignore() -> None:
    """Ignore such signals for good: the program has ended, but for Python itself."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def heed(done: str) -> None:
    """Let such signals end the program again, since what follows can be cut short; `done` says what is done already.

    Raises `Interrupted` if one has come meanwhile.
    """
    _Shield.is_settled, _Shield.done = False, done
    _raise_held()


def are_deferred() -> bool:
    return _Shield.depth > 0 or _Shield.is_settled


@contextmanager
def deferred() -> Iterator[None]:
    """While open, such a signal waits; it is raised on the way out, unless another exception is already under way.

    Programs that are started meanwhile do not get it either, if it comes from the terminal.
    """
    _Shield.depth += 1
    try:
        yield
    finally:
        _Shield.depth -= 1
    _raise_held()


def _raise_held() -> None:
    if not _Shield.depth and not _Shield.is_settled and _Shield.held is not None:
        number, _Shield.held = _Shield.held, None
        raise Interrupted(number)
