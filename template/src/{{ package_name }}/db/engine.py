"""One pool of connections for the process, every wait on it bounded."""

from contextlib import suppress
from typing import cast

from sqlalchemy import QueuePool, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import in_greenlet

from ..settings import DatabaseSettings


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Open no connection yet: the first request does.

    A stale connection costs one request a 503, and the pool then replaces all that are as old; a ping before every
    use would cost each request a round trip.
    """
    engine = create_async_engine(
        make_url(str(settings.url)).set(drivername="postgresql+asyncpg"),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        connect_args={
            "timeout": settings.connect_timeout,
            # The server cancels first and says why. This one is for a server that no longer answers at all.
            "command_timeout": settings.statement_timeout + 1,
            "server_settings": {
                "statement_timeout": f"{settings.statement_timeout * 1000:.0f}",
                "idle_in_transaction_session_timeout": f"{settings.statement_timeout * 2000:.0f}",
            },
        },
    )
    event.listen(engine.sync_engine, "do_connect", _only_in_a_greenlet)
    return engine


def pool_of(engine: AsyncEngine) -> QueuePool:
    return cast("QueuePool", engine.pool)


def cut_off(engine: AsyncEngine) -> None:
    """End the connections that lie ready, and wait for no server: `dispose` leaves them open where it is cut short."""
    pool = pool_of(engine)
    for _ in range(pool.checkedin()):
        with suppress(MissingGreenlet):  # of this one there is nothing left to end
            pool.connect().invalidate()


def _only_in_a_greenlet(*_: object) -> None:
    """To wait, SQLAlchemy needs a greenlet; to take what lies ready it needs none.

    Where it has to connect instead, it would notice too late, and leave a coroutine behind.
    """
    if not in_greenlet():
        raise MissingGreenlet
