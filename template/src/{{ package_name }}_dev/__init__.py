"""Private PostgreSQL and Valkey, for `dev` and the tests: no Docker, no system package, no administrator.

Each function returns the URL of a server that listens only on 127.0.0.1, on a free port and with its own password. The
server ends with the `with` block, or with this process, even if it is killed with -9.

This package is beside the application's own package. Wheels and images have only the application's.
"""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from .errors import ServerError
from .supervisor import supervised

__all__ = ["ServerError", "forget_other_servers", "postgres", "valkey"]

ABOUT_OTHER_SERVERS = ("PGSSLMODE", "PGSSLNEGOTIATION", "PGTARGETSESSIONATTRS")
"""Variables with which libpq and asyncpg refuse a server without TLS, or a primary, if its URL says nothing else."""


def forget_other_servers() -> None:
    """Remove these variables from this process and its children: the user's shell has them for another database."""
    for variable in ABOUT_OTHER_SERVERS:
        os.environ.pop(variable, None)


def postgres(data: Path | None = None) -> AbstractContextManager[str]:
    """Return `postgresql+asyncpg://…` of a throw-away server, or of one that keeps its data in the folder `data`."""
    forget_other_servers()
    return supervised("postgres", data)


def valkey(data: Path | None = None) -> AbstractContextManager[str]:
    """Return `redis://…` of a throw-away server, or of one that keeps its data in the folder `data`."""
    return supervised("valkey", data)
