"""Supervisor of a server: a small process that owns the server and its scratch folder, and ends when its input ends.

We end it by closing that pipe. If we crash or are killed, the kernel closes it. So there is one way to stop, and no
process id is used that might belong to another process by then.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

from .errors import ServerError
from .postgres_server import postgres_server
from .process import STOP_SECONDS, end, spawn
from .valkey_server import valkey_server

SERVERS = {"postgres": postgres_server, "valkey": valkey_server}

READY, FAILED = "ready", "failed"


@contextmanager
def supervised(kind: str, data: Path | None) -> Iterator[str]:
    """Return the URL of a server of this kind, which has its own supervisor.

    Raises `ServerError` if it does not start.
    """
    arguments = [kind, str(data.resolve())] if data else [kind]
    supervisor = spawn(
        [sys.executable, "-P", "-m", str(__package__), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None,
    )
    lifeline, answer = cast("IO[bytes]", supervisor.stdin), cast("IO[bytes]", supervisor.stdout)
    try:
        yield _url(answer)
    finally:
        lifeline.close()
        answer.close()
        end(supervisor, STOP_SECONDS + 5)


def _url(answer: IO[bytes]) -> str:
    """Read the supervisor's answer: one line with the URL, or an error of several lines."""
    word, _, text = answer.readline().decode().partition(" ")
    if word == READY:
        return text.strip()
    raise ServerError((text + answer.read().decode()).strip() or "the supervisor of the server ended without a word")


def run(kind: str, data: Path | None, lifeline: BinaryIO, answer: TextIO) -> None:
    """Run a server until `lifeline` ends. A SIGTERM to this process ends it just as cleanly."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A broken pipe: the process that asked for the server was killed before the server was ready.
    with suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            with SERVERS[kind](data) as url:
                print(READY, url, file=answer, flush=True)
                lifeline.read()
        except (ServerError, OSError) as error:
            print(FAILED, error, file=answer, flush=True)
