"""Private PostgreSQL and Valkey, for `dev` and the tests: no Docker, no system package, no administrator.

Each function gives the URL of a server that listens on 127.0.0.1 only, on a free port and with a password of its own.
It ends with the `with` block, or with this process, even one that is killed with -9.

This package is beside the application's own, which is all that a wheel or an image holds.
"""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from .errors import ServerError
from .supervisor import supervised

__all__ = ["ServerError", "forget_other_servers", "postgres", "valkey"]

ABOUT_OTHER_SERVERS = ("PGSSLMODE", "PGSSLNEGOTIATION", "PGTARGETSESSIONATTRS")
"""Variables that keep libpq and asyncpg from a server without TLS, or from a primary, where its URL names neither."""


def forget_other_servers() -> None:
    """In this process and in those that it starts: a shell has these for a database elsewhere."""
    for variable in ABOUT_OTHER_SERVERS:
        os.environ.pop(variable, None)


def postgres(data: Path | None = None) -> AbstractContextManager[str]:
    """`postgresql+asyncpg://…` of a throw-away server, or of one that keeps its data in the folder `data`."""
    forget_other_servers()
    return supervised("postgres", data)


def valkey(data: Path | None = None) -> AbstractContextManager[str]:
    """`redis://…` of a throw-away server, or of one that keeps its data in the folder `data`."""
    return supervised("valkey", data)
