"""Engine of the process. Every wait for the database has a time limit."""

import ssl
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg import InFailedSQLTransactionError, InterfaceError, InternalClientError, PostgresError
from sqlalchemy import ExceptionContext, event
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util.concurrency import in_greenlet

from .. import postgres_url
from ..settings import DatabaseSettings
from .errors import hide_values, is_outdated
from .pool import Driver, Pool, pool_of

IDLE_IN_TRANSACTION = 60.0
"""Time in seconds that a transaction may wait for something other than the database. It is longer than a request may
take, so it only ends transactions that were left open by mistake."""


KEEPALIVE = 60
"""Time in seconds after which the server asks whether an idle connection still exists. Firewalls and load balancers
forget connections that are silent for some minutes."""


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Return the engine, without connecting: the first request does.

    A stale connection costs one request a 503. The pool then replaces all connections of the same age. A ping before
    every use would cost each request a round trip.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        poolclass=Pool,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        hide_parameters=True,
        connect_args={
            # asyncpg reads the URL itself, with all options of libpq.
            "dsn": "postgresql://" + str(settings.url).partition("://")[2],
            **_trusted_by_this_machine(settings),
            "async_creator_fn": _connect,
            "timeout": settings.connect_timeout,
            **(_left_to_the_client(settings) if settings.transaction_pooling else _bounded_by_the_server(settings)),
        },
    )
    event.listen(engine.sync_engine, "do_connect", _only_in_a_greenlet)
    event.listen(engine.sync_engine, "handle_error", _handle_error)
    return engine


def cut_off(engine: AsyncEngine) -> None:
    """Close idle connections without waiting. `dispose` leaves them open if it is interrupted.

    A connection that is in use or being opened is closed when it comes back. Nothing else would close it.
    """
    pool = pool_of(engine)
    event.listen(pool, "checkin", _end)
    for _ in range(pool.checkedin()):
        if connection := pool.take():
            connection.invalidate()


def _end(connection: object, record: ConnectionPoolEntry) -> None:
    if connection is not None:
        record.invalidate()


def _trusted_by_this_machine(settings: DatabaseSettings) -> dict[str, Any]:
    """Return the TLS context for `sslrootcert=system`, which asyncpg would read as the name of a file."""
    wanted = parse_qs(urlsplit(str(settings.url)).query).get("sslrootcert") == [postgres_url.SYSTEM]
    return {"ssl": ssl.create_default_context()} if wanted else {}


def _bounded_by_the_server(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        # The server cancels first, and says why. This limit is for a server that no longer answers at all.
        "command_timeout": settings.statement_timeout + 1,
        "server_settings": {
            "statement_timeout": f"{settings.statement_timeout * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{max(IDLE_IN_TRANSACTION, settings.statement_timeout) * 1000:.0f}",
            "tcp_keepalives_idle": str(KEEPALIVE),
        },
    }


def _left_to_the_client(settings: DatabaseSettings) -> dict[str, Any]:
    """Return the options for a pooler. It has no such settings, and may change the server connection."""
    return {
        "command_timeout": settings.statement_timeout,
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
    }


class _Connection(asyncpg.Connection):
    """Connection that raises an error if the server turns a COMMIT into a ROLLBACK, after an error that was caught."""

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's
        status = await super().execute(query, *args, timeout=timeout)
        if status == "ROLLBACK" and query.startswith("COMMIT"):
            raise InFailedSQLTransactionError("nothing was committed: a statement had failed, and its error was caught")
        return status


async def _connect(**arguments: Any) -> Driver:  # noqa: ANN401 - what `asyncpg.connect` takes
    """Connect. All failures raise `ConnectionError`: unknown host, refused, wrong `PG…` variable, no TLS, standby."""
    try:
        return await asyncpg.connect(connection_class=_Connection, **arguments)
    except (OSError, ValueError, OverflowError, PostgresError, InterfaceError, InternalClientError) as error:
        raise ConnectionError(str(error) or type(error).__name__) from error


def _handle_error(context: ExceptionContext) -> None:
    hide_values(context.original_exception, context.sqlalchemy_exception)
    if is_outdated(context.original_exception):
        context.is_disconnect = True  # so this connection is closed, and so are those of the same age


def _only_in_a_greenlet(*_: object) -> None:
    """Raise an error outside of a greenlet, in which SQLAlchemy has to run to connect.

    An idle connection can be taken without a greenlet. If SQLAlchemy had to connect, it would notice this too late, and
    leave a coroutine that is never awaited.
    """
    if not in_greenlet():
        raise MissingGreenlet
