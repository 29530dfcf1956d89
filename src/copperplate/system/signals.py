"""Signals that end a program: raised as one exception, and deferred while a step must not be interrupted."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from copperplate.errors import Done

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_MOMENT = 0.05
"""Delay in seconds, after which a destructor has most likely ended."""


class Interrupted(BaseException):
    """Raised for a signal. It is no `KeyboardInterrupt`, because libraries catch that."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number
        self.done = _Shield.done
        """Work that was done before the signal, if any."""


class _Shield:
    depth = 0
    held: int | None = None
    is_settled = False
    done: Done | None = None


_unfinished: dict[Callable[[], None], None] = {}
"""Steps that have not run yet, in order."""


def at_the_latest(step: Callable[[], None]) -> Callable[[], None]:
    """Return a function that runs `step`; it runs at the end of `as_exceptions` if it has not run before.

    A signal can be raised between the start of a `finally` and its first statement, which then does not run.
    """

    def run() -> None:
        with deferred():
            if run in _unfinished:
                step()
                del _unfinished[run]

    _unfinished[run] = None
    return run


def forget(step: Callable[[], None]) -> None:
    """Forget a step of `at_the_latest`: it is not needed any more."""
    _unfinished.pop(step, None)


def _receive(number: int, _frame: FrameType | None) -> None:
    if _Shield.depth or _Shield.is_settled:
        _Shield.held = number
    else:
        raise Interrupted(number)


def _send_again(number: int) -> None:
    """Send the signal again after a moment, and also one that arrives before the timer is set."""
    _Shield.depth += 1
    again = threading.Timer(_MOMENT, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()
    _Shield.depth -= 1
    if not _Shield.depth and _Shield.held is not None:
        number, _Shield.held = _Shield.held, None
        _send_again(number)


@contextmanager
def as_exceptions(*, exits: bool = False) -> Iterator[None]:
    """Raise `Interrupted` in the main thread for SIGINT, SIGTERM and SIGHUP while the context is open.

    `exits`: the program exits after it. Unless an exception was raised, these signals are ignored from then on.
    """
    _Shield.is_settled, _Shield.done = False, None
    earlier = set(_unfinished)
    before = {number: signal.signal(number, _receive) for number in ENDING}
    hook = sys.unraisablehook

    def unraisable(dropped: "sys.UnraisableHookArgs") -> None:
        """Send the signal again: Python drops an exception in a destructor or in the callback of a weak reference."""
        if isinstance(dropped.exc_value, Interrupted):
            _send_again(dropped.exc_value.number)
        else:
            hook(dropped)

    sys.unraisablehook = unraisable
    ended = False
    try:
        yield
        ended = exits
    finally:
        _Shield.is_settled = True
        try:
            for step in [each for each in reversed(_unfinished) if each not in earlier]:
                step()
        finally:
            sys.unraisablehook = hook
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if ended else handler)
            _Shield.held, _Shield.is_settled, _Shield.done = None, False, None


def settle() -> None:
    """Defer these signals from now on: the work is done, and only has to be reported."""
    _Shield.is_settled = True


def ignore() -> None:
    """Ignore these signals: the program has ended, and only Python itself is still exiting."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def heed(done: Done | None) -> None:
    """Stop deferring these signals, because the next step can be interrupted; `done` says what is already done.

    Raises `Interrupted` if a signal has arrived meanwhile.
    """
    _Shield.is_settled, _Shield.done = False, done
    _raise_held()


def are_deferred() -> bool:
    return _Shield.depth > 0 or _Shield.is_settled


@contextmanager
def deferred() -> Iterator[None]:
    """Defer these signals while the context is open; one is raised on exit, unless another exception is already raised.

    Programs that are started meanwhile do not get a signal from the terminal either.
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
