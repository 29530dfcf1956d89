"""A private Valkey, or Redis."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from . import folders
from .binaries import valkey_program
from .process import HOST, Process, Server, running

DATABASES = 256
"""Logical ones: each worker of the tests takes one."""


@contextmanager
def valkey_server(data: Path | None = None) -> Iterator[str]:
    """The URL of a Valkey that is a child of this process; without `data` nothing of it stays.

    Raises `ServerError` if there is no program, if another process has `data`, or if the server does not start.
    """
    program = str(valkey_program())
    save = "save 60 1" if data else 'save ""'  # each minute in which something changed, and at the end; or never

    def ready(password: str, _process: Process, port: int) -> bool:
        """Only our server knows this password."""
        with suppress(OSError), socket.create_connection((HOST, port), timeout=0.2) as client:
            client.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return client.recv(64).startswith(b"+OK")
        return False

    with folders.kept(data) if data else folders.scratch() as folder:
        password = folders.password(folder)
        lines = [f"bind {HOST}", f"requirepass {password}", f"databases {DATABASES}", save]
        valkey = Server(
            command=lambda port: [program, "--port", str(port), "-"],
            ready=partial(ready, password),
            stop=signal.SIGTERM,
            folder=folder,
            configuration="\n".join(lines).encode(),
        )
        with running(valkey) as port:
            yield f"redis://:{password}@{HOST}:{port}/0"
