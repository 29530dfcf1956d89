"""Pool of processes for several rows at a time, each with its own slot."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Thread, Timer
from types import FrameType
from typing import TYPE_CHECKING

from copperplate.progress import Silent
from testing.matrix import slots
from testing.matrix.results import RowResult
from testing.matrix.rows import Row
from testing.matrix.run import glance, run_row
from testing.matrix.slots import Slot

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue

AT_ONCE = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 2
"""Number of rows, or tests, at a time: two more than processors, because a project waits for half of its time."""

Watch = Callable[[str, str], None]
"""Function that gets the name of a row and its current step."""


@dataclass(slots=True)
class _Worker:
    """State of one process: its slot, and the queue for its steps."""

    slot: Slot
    told: "SimpleQueue[tuple[str, str] | None]"


_worker: list[_Worker] = []
_open = ExitStack()


def run_rows(rows: Sequence[Row], *, jobs: int, fresh: bool, look: bool, watch: Watch) -> Iterator[RowResult]:
    """Yield the results as rows end; long rows start first. `look` runs only the levels that need no environment.

    At the end, also after an error, the processes and all that they started have ended.
    """
    context = multiprocessing.get_context("spawn")  # a fork would inherit the threads of the display
    told: SimpleQueue[tuple[str, str] | None] = context.SimpleQueue()
    listener = Thread(target=_listen, args=(told, watch), daemon=True)
    listener.start()
    try:
        with context.Pool(min(jobs, len(rows)) or 1, _begin, (told,)) as pool:
            yield from pool.imap_unordered(
                partial(_run, fresh=fresh, look=look), sorted(rows, key=lambda row: row.place)
            )
            pool.close()  # otherwise they get a second signal while they end, and print an error
            pool.join()
    finally:
        told.put(None)
        listener.join()


def _listen(told: "SimpleQueue[tuple[str, str] | None]", watch: Watch) -> None:
    while (step := told.get()) is not None:
        watch(*step)


def _begin(told: "SimpleQueue[tuple[str, str] | None]") -> None:
    sys.unraisablehook = _end_again
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    _worker.append(_Worker(_open.enter_context(slots.taken()), told))


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # an exception, so that servers are stopped on exit


def _end_again(dropped: "sys.UnraisableHookArgs") -> None:
    """Raise the exception of `_end` again: Python drops one in a destructor, and the process would never end."""
    if isinstance(dropped.exc_value, SystemExit):
        again = Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(dropped)


def _run(row: Row, *, fresh: bool, look: bool) -> RowResult:
    (worker,) = _worker
    progress = _Telling(row.name, worker.told)
    return (
        glance(worker.slot, row, progress=progress)
        if look
        else run_row(worker.slot, row, fresh=fresh, progress=progress)
    )


class _Telling(Silent):
    """Progress that another process shows."""

    def __init__(self, row: str, told: "SimpleQueue[tuple[str, str] | None]") -> None:
        self._row = row
        self._told = told

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._told.put((self._row, name))
        yield
