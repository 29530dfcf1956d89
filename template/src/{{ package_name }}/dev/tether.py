"""A server's life is tied to ours by a pipe.

Server and scratch folder belong to a host, a small process that lives until its input ends. We end it by closing the
pipe; if we crash or are killed, the kernel closes it. So there is one way to stop, and no process id is ever looked
up that might belong to somebody else by then.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from .errors import ServerError
from .process import STOP_SECONDS, end, spawn

READY, FAILED = "ready", "failed"


@contextmanager
def tethered(kind: str, data: Path | None) -> Iterator[str]:
    """The URL of a server of this kind, in a host of its own.

    Raises `ServerError` if it does not start.
    """
    arguments = [kind, str(data.resolve())] if data else [kind]
    host = spawn(
        [sys.executable, "-P", "-m", f"{__package__}.host", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None,
    )
    lifeline, answer = cast("IO[bytes]", host.stdin), cast("IO[bytes]", host.stdout)
    try:
        yield _url(answer)
    finally:
        lifeline.close()
        answer.close()
        end(host, STOP_SECONDS + 5)


def _url(answer: IO[bytes]) -> str:
    """What the host says in one line, or in many if it is an error."""
    word, _, text = answer.readline().decode().partition(" ")
    if word == READY:
        return text.strip()
    raise ServerError((text + answer.read().decode()).strip() or "the host of the server ended without a word")
