"""The connections to Redis, all of them bounded in time and in number.

A command fails after `connect_timeout` (wait for a free connection, or make one) plus `timeout` at the most, with a
`redis.exceptions.RedisError`. It is not tried again: whether that is safe, and worth the time, is known to the caller.
"""

import asyncio
from typing import Annotated

from fastapi import Depends, Request
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from ..settings import RedisSettings
from ..state import state_of


class _Pool(BlockingConnectionPool):
    """A pool that lends out a connection in `timeout` seconds, all steps of opening one together, and no dead one."""

    async def get_connection(self, *_: object, **__: object) -> AbstractConnection:
        connection: AbstractConnection
        try:
            async with asyncio.timeout(self.timeout):
                connection = await super().get_connection()  # type: ignore[no-untyped-call] # not annotated
        except TimeoutError as error:
            raise RedisTimeoutError("Timeout connecting to server") from error
        return connection

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Redis-py sees that a server has closed a connection, but not that it was reset, and then fails in asyncio."""
        writer = connection._writer  # noqa: SLF001 - nothing public tells
        if writer and writer.is_closing():
            await connection.disconnect(nowait=True)
        await super().ensure_connection(connection)


def create_client(settings: RedisSettings) -> Redis:
    """Connect to nothing yet. Closing the client closes its connections."""
    pool = _Pool.from_url(
        str(settings.url),
        max_connections=settings.max_connections,
        timeout=settings.connect_timeout,
        socket_connect_timeout=settings.connect_timeout,
        socket_timeout=settings.timeout,
        # The pool replaces a closed connection before it lends it out, and TCP keep-alive, which redis-py turns on,
        # closes one whose server is gone. So there is no PING before commands and no second attempt after them.
        retry=Retry(NoBackoff(), 0),
        # They would stretch the timeouts to 10 s while the server is being maintained.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    return Redis.from_pool(pool)


async def get_redis(request: Request) -> Redis:
    return state_of(request).redis


RedisClient = Annotated[Redis, Depends(get_redis)]
