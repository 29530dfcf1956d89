"""Events of a process, seen by an audit hook just before they happen: writes, reads and programs that it starts.

All crash tests inject their faults here: a function is called for each event, and may kill the process, send a signal,
or raise an error as the disk would.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_CREATES = {"os.mkdir", "os.link", "os.symlink", "os.truncate"}
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.chmod", "os.chown", "os.utime", "copperplate.exchange"}
_READS = {"os.listdir", "os.scandir"}
_STARTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn"}
_POPEN = "subprocess.Popen"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_SECOND_IS_NEW = {"os.rename", "os.link", "os.symlink", "copperplate.exchange"}
_WITHOUT_FOLDER = {"open", "os.truncate", *_READS}
"""Events whose last argument is not the descriptor of a folder."""

Kind = Literal["create", "change", "read", "program"]


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    """`create` needs room on the disk; `change` does not."""
    name: str
    """Python's name of the audit event."""
    path: str
    """Absolute path that is read or written, the new one of a rename; empty for a program."""
    command: tuple[str, ...] = ()
    """Command of a program."""

    @property
    def is_write(self) -> bool:
        """True if the disk changes; a program may change it too."""
        return self.kind != "read"


Act = Callable[[Event], None]


class _Hook:
    """Audit hook. Events that `act` itself causes are left out."""

    def __init__(self, act: Act | None) -> None:
        self.act = act
        self._is_acting = False

    def __call__(self, name: str, arguments: tuple[Any, ...]) -> None:
        if self.act is None or self._is_acting:
            return
        self._is_acting = True
        try:
            if event := _event(name, arguments):
                self.act(event)
        finally:
            self._is_acting = False


def install(act: Act) -> None:
    """Call `act` for each event until the process ends, because Python cannot remove an audit hook."""
    sys.addaudithook(_Hook(act))


_shared: list[_Hook] = []
"""Hook of `watching`, which stays installed."""


@contextmanager
def watching(act: Act, folder: Path) -> Iterator[None]:
    """Call `act` for each write below `folder`, and for each program, while the context is open."""
    below = f"{folder}/"

    def within(event: Event) -> None:
        if event.is_write and (event.kind == "program" or f"{event.path}/".startswith(below)):
            act(event)

    if not _shared:
        _shared.append(_Hook(None))
        sys.addaudithook(_shared[0])
    _shared[0].act = within
    try:
        yield
    finally:
        _shared[0].act = None


def is_killed(action: Callable[[], object], folder: Path, *, when: Callable[[Event], bool]) -> bool:
    """Run `action` in a child process that is killed at the first event for which `when` is true.

    Returns True if there was such an event.
    """

    def kill(event: Event) -> None:
        if when(event):
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        code = 1
        try:
            with watching(kill, folder):
                action()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, -signal.SIGKILL}, code
    return code != 0


def _event(name: str, arguments: tuple[Any, ...]) -> Event | None:
    if name == _POPEN:
        return Event("program", name, "", tuple(os.fsdecode(part) for part in arguments[1]))
    if name in _STARTS:
        return Event("program", name, "", (name, *map(str, arguments)))
    kind = _kind(name, arguments)
    return Event(kind, name, _path(name, arguments)) if kind else None


def _kind(name: str, arguments: tuple[Any, ...]) -> Kind | None:
    if name == "open":
        path, _, flags = arguments
        if isinstance(path, int):
            return None
        return "create" if flags & _WRITING else "read"
    if name in _CREATES:
        return "create"
    return "change" if name in _CHANGES else "read" if name in _READS else None


def _path(name: str, arguments: tuple[Any, ...]) -> str:
    path = arguments[1] if name in _SECOND_IS_NEW else arguments[0]
    if isinstance(path, int):
        return os.readlink(f"/proc/self/fd/{path}")  # noqa: PTH115 - called for each event
    last = arguments[-1]
    folder = last if isinstance(last, int) and name not in _WITHOUT_FOLDER else -1
    base = os.readlink(f"/proc/self/fd/{folder}") if folder >= 0 else os.getcwd()  # noqa: PTH109, PTH115 - the same
    return os.path.normpath(os.path.join(base, os.fsdecode(path or ".")))  # noqa: PTH118 - the same
