"""Signals that arrive at an exact place in the code, for each place one after the other."""

import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from copperplate.system import signals

TraceFunction = Callable[[FrameType, str, object], "TraceFunction"]


def at_each_line(step: Callable[[], None]) -> Iterator[bool]:
    """Run `step` again and again, with SIGTERM at the first line, then at the second, and so on.

    Yield whether it was interrupted, until it has no more lines.
    """
    event = 0
    left = 0
    while left <= 0:
        event += 1
        left = event

        def trace(_frame: FrameType, _event: str, _argument: object) -> TraceFunction:
            nonlocal left
            left -= 1
            if not left:
                signal.raise_signal(signal.SIGTERM)
            return trace

        yield _is_interrupted(step, trace)


def _is_interrupted(step: Callable[[], None], trace: TraceFunction) -> bool:
    before = sys.gettrace()
    try:
        with signals.as_exceptions():
            sys.settrace(trace)
            try:
                step()
            finally:
                sys.settrace(before)
    except signals.Interrupted:
        return True
    return False
