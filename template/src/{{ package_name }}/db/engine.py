"""One engine for the process, every wait on the database bounded."""

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
"""Seconds that a transaction may wait for something else than the database. It is longer than a request may take: it
only ends what was left behind."""


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Open no connection yet: the first request does.

    A stale connection costs one request a 503, and the pool then replaces all that are as old; a ping before every
    use would cost each request a round trip.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        poolclass=Pool,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        hide_parameters=True,
        connect_args={
            # asyncpg reads the address itself, with all that libpq allows in it.
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
    """End the connections that lie ready, and wait for no server: `dispose` leaves them open where it is cut short.

    One that is lent, or being opened, ends when it comes back. Nobody else would close it.
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
    """For `sslrootcert=system`, which asyncpg would take for the name of a file."""
    wanted = parse_qs(urlsplit(str(settings.url)).query).get("sslrootcert") == [postgres_url.SYSTEM]
    return {"ssl": ssl.create_default_context()} if wanted else {}


def _bounded_by_the_server(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        # The server cancels first and says why. This one is for a server that no longer answers at all.
        "command_timeout": settings.statement_timeout + 1,
        "server_settings": {
            "statement_timeout": f"{settings.statement_timeout * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{max(IDLE_IN_TRANSACTION, settings.statement_timeout) * 1000:.0f}",
        },
    }


def _left_to_the_client(settings: DatabaseSettings) -> dict[str, Any]:
    """For a pooler, which knows no such settings, and gives the next transaction to another session of the server."""
    return {
        "command_timeout": settings.statement_timeout,
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
    }


class _Connection(asyncpg.Connection):
    """Knows what the server makes of a COMMIT after a statement that failed, and whose error was caught: a ROLLBACK."""

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's
        status = await super().execute(query, *args, timeout=timeout)
        if status == "ROLLBACK" and query.startswith("COMMIT"):
            raise InFailedSQLTransactionError("nothing was committed: a statement had failed, and its error was caught")
        return status


async def _connect(**arguments: Any) -> Driver:  # noqa: ANN401 - what `asyncpg.connect` takes
    """Raise one kind of error, whatever keeps from the server: no such host or socket, refused, no TLS, no primary."""
    try:
        return await asyncpg.connect(connection_class=_Connection, **arguments)
    except (OSError, PostgresError, InterfaceError, InternalClientError) as error:
        raise ConnectionError(str(error) or type(error).__name__) from error


def _handle_error(context: ExceptionContext) -> None:
    hide_values(context.original_exception, context.sqlalchemy_exception)
    if is_outdated(context.original_exception):
        context.is_disconnect = True  # so this connection ends, and so do those that are as old


def _only_in_a_greenlet(*_: object) -> None:
    """To wait, SQLAlchemy needs a greenlet; to take what lies ready it needs none.

    Where it has to connect instead, it would notice too late, and leave a coroutine behind.
    """
    if not in_greenlet():
        raise MissingGreenlet
