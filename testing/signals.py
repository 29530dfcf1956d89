"""Signals that arrive at an exact place in the code, for each place one after the other."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import copperplate
from copperplate.system import signals

TraceFunction = Callable[[FrameType, str, object], "TraceFunction | None"]

TRACED = (contextlib.__file__, str(Path(copperplate.__file__).parent))
"""Beginnings of paths of modules whose lines count. Of all others, only calls do."""


def at_each_line(step: Callable[[], None], every: int = 1) -> Iterator[bool]:
    """Run `step` again and again, with SIGTERM at its first line, then at the second or a later one, and so on.

    Yield whether it was interrupted, until it has no more lines.
    """
    event = 1 - every
    left = 0
    while left <= 0:
        event += every
        left = event

        def trace(frame: FrameType, _event: str, _argument: object) -> TraceFunction | None:
            nonlocal left
            left -= 1
            if not left:
                signal.raise_signal(signal.SIGTERM)
            return trace if frame.f_code.co_filename.startswith(TRACED) else None

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
