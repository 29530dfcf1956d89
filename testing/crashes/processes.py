"""Command line in a separate process, with an action at a moment that is counted in events."""

import errno
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from copperplate.cli import main
from copperplate.commands import update as commands
from copperplate.templates.releases import Releases
from copperplate.verify.servers import is_alive
from testing.crashes.events import Event, install


@dataclass(frozen=True, slots=True)
class Moment:
    """The `number`th event in the repository that a process causes, counted from 1, and what happens just before it."""

    number: int
    act: Callable[[], None]
    only_writes: bool = False
    """Count writes, and programs that may write; not what is read."""
    creates: bool = False
    """Act at this and all later events that need room on the disk."""


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    said: str
    events: int
    """Number of events, if they were counted."""


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def no_room() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def send(number: signal.Signals) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


@dataclass(frozen=True, slots=True)
class Program:
    """`copperplate`, with the versions of the template that it is to know."""

    releases: Releases
    repository: tuple[Path, ...]
    """Its folders: only events there, and programs, are counted."""

    def run(self, arguments: Sequence[str | Path], moment: Moment | None = None) -> Ended:
        return self._run(arguments, moment)

    def run_until(self, arguments: Sequence[str | Path], seconds: float, number: signal.Signals) -> Ended:
        """Send a signal after a while."""
        return self._run(arguments, None, lambda child: _send_after(seconds, child, number))

    def _run(
        self, arguments: Sequence[str | Path], moment: Moment | None, then: Callable[[int], None] | None = None
    ) -> Ended:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as count:
            watch = _Watch(moment, tuple(map(str, self.repository)), count.fileno()) if moment else None
            code = _forked(
                partial(self._command, [str(argument) for argument in arguments], output.fileno(), watch), then
            )
            output.seek(0)
            count.seek(0)
            return Ended(code, output.read().decode(errors="surrogateescape"), len(count.read()))

    def _command(self, arguments: list[str], output: int, watch: "_Watch | None") -> int:
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        known = partial(commands.update, releases=self.releases)
        with patch.object(commands, "update", known):
            if watch:
                install(watch)
            code = main.run(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
        return code


class _Watch:
    """Counter of events. It counts on the disk, because the process may be killed."""

    def __init__(self, moment: Moment, below: tuple[str, ...], count: int) -> None:
        self._moment, self._below, self._count = moment, below, count
        self._seen = 0

    def __call__(self, event: Event) -> None:
        moment = self._moment
        if event.kind != "program" and not event.path.startswith(self._below):
            return
        if moment.only_writes and not event.is_write:
            return
        self._seen += 1
        os.write(self._count, b".")
        is_due = self._seen >= moment.number if moment.creates else self._seen == moment.number
        if is_due and not (moment.creates and event.kind != "create"):
            moment.act()


def _send_after(seconds: float, child: int, number: signal.Signals) -> None:
    time.sleep(seconds)
    os.kill(child, number)


def _forked(action: Callable[[], int], then: Callable[[int], None] | None) -> int:
    """Run `action` in a process of its own, and wait for all that it started."""
    with warnings.catch_warnings(action="ignore"):  # of threads: none of this process's is in the middle of anything
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            code = action()
        finally:
            os._exit(code)
    if then:
        then(child)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    while is_alive(child):  # a git that was at work when its parent died
        time.sleep(0.005)
    return code
