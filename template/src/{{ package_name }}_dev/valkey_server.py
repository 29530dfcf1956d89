"""Private Valkey or Redis server."""

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
"""Number of logical databases: each worker of the tests uses one."""


@contextmanager
def valkey_server(data: Path | None = None) -> Iterator[str]:
    """Return the URL of a Valkey that is a child of this process; without `data`, its files are removed.

    Raises `ServerError` if there is no program, if another process has `data`, or if the server does not start.
    """
    program = str(valkey_program())
    save = "save 60 1" if data else 'save ""'  # after each minute with a change, and at the end; or never

    def ready(password: str, _process: Process, port: int) -> bool:
        """Check with the password, which only our server knows."""
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
            yield url(folder, port)


def url(folder: Path, port: int) -> str:
    """Return the URL of the server that has its files in this folder."""
    return f"redis://:{folders.password(folder)}@{HOST}:{port}/0"
