"""Private PostgreSQL and Valkey, for `dev` and the tests: no Docker, no system package, no administrator.

Each function gives the URL of a server that listens on 127.0.0.1 only, on a free port and with a password of its own.
It ends with the `with` block, or with this process, even one that is killed with -9.
"""

from contextlib import AbstractContextManager
from pathlib import Path

from .errors import ServerError
from .tether import tethered

__all__ = ["ServerError", "postgres", "valkey"]


def postgres(data: Path | None = None) -> AbstractContextManager[str]:
    """`postgresql+asyncpg://…` of a throw-away server, or of one that keeps its data in the folder `data`."""
    return tethered("postgres", data)


def valkey(data: Path | None = None) -> AbstractContextManager[str]:
    """`redis://…` of a throw-away server, or of one that keeps its data in the folder `data`."""
    return tethered("valkey", data)
