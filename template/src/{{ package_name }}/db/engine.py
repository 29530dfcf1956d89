"""One pool of connections for the process, every wait on it bounded."""

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ..settings import DatabaseSettings


def create_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Open no connection yet: the first request does.

    A stale connection costs one request a 503, and the pool then replaces all that are as old; a ping before every
    use would cost each request a round trip.
    """
    return create_async_engine(
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
