"""Connections to Redis, limited in time and in number.

A command fails at the latest after `connect_timeout` (for a free connection or a new one) plus `timeout`, with a
`redis.exceptions.RedisError`. It is not tried again: only the caller knows whether that is safe and worth the time.
The one exception is a command that a server refuses because it has become a replica. Such a server has done nothing. So
the command is sent once more on a new connection, which leads to the new primary if the address does.
"""

import asyncio
import functools
import math
from typing import Annotated, Any

import structlog
from fastapi import Depends
from fastapi.requests import HTTPConnection
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
    parse_url,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from .circuit_breaker import describe
from .patience import patience
from .resources import resources_of
from .settings import RedisSettings

BY_THE_CLOCK = 10.0
"""Time in seconds after which redis-py's own timeouts end a step. Ours should end it long before."""

log = structlog.get_logger()


class _Patient(AbstractConnection):
    """Connection that does not treat a server as dead because this process is busy."""

    async def read_response(
        self,
        disable_decoding: bool = False,  # noqa: FBT001, FBT002 - as in redis-py
        timeout: float | None = None,  # noqa: ASYNC109 - as in redis-py
        *,
        disconnect_on_error: bool = True,
        push_request: bool | None = False,
    ) -> object:
        """`timeout` is given by a subscriber, for a message that may never come."""
        read = functools.partial(
            super().read_response, disable_decoding, disconnect_on_error=disconnect_on_error, push_request=push_request
        )
        try:
            if timeout is not None:
                return await read(timeout)
            async with patience(self.socket_timeout or BY_THE_CLOCK):
                return await read(math.inf)
        except TimeoutError as error:
            raise RedisTimeoutError("Timeout reading from server") from error
        except ReadOnlyError:
            log.warning("redis has become read-only: its connection is replaced")
            raise


class _Tcp(_Patient, Connection): ...


class _Tls(_Patient, SSLConnection): ...


class _Unix(_Patient, UnixDomainSocketConnection):
    async def _connect(self) -> None:
        """Connect, or close: redis-py would keep a connection whose server refused its password or database."""
        try:
            await super()._connect()  # type: ignore[no-untyped-call] # not annotated
        except BaseException:
            await self.disconnect(nowait=True)
            raise


PATIENT: dict[type[AbstractConnection], type[AbstractConnection]] = {
    Connection: _Tcp,
    SSLConnection: _Tls,
    UnixDomainSocketConnection: _Unix,
}


async def _is_idle(connection: AbstractConnection) -> bool:
    """Check that the connection is open and has nothing to read; a close by the server can be read."""
    writer = connection._writer  # noqa: SLF001 - there is no public attribute
    try:
        return writer is not None and not writer.is_closing() and not await connection.can_read()
    except RedisConnectionError:
        return False


class _Pool(BlockingConnectionPool):
    """Pool that lends an open connection within `patience` seconds, all steps of opening a new one included."""

    patience: float

    async def get_connection(self, *_: object, **__: object) -> AbstractConnection:
        connection: AbstractConnection
        if self._available_connections:  # nearly always, and then there is no need to wait
            connection = self.get_available_connection()  # type: ignore[no-untyped-call] # not annotated
            if await _is_idle(connection):
                return connection
            await self.release(connection)
        try:
            async with patience(self.patience):
                connection = await super().get_connection()  # type: ignore[no-untyped-call] # not annotated
        except TimeoutError as error:
            raise RedisTimeoutError("Timeout connecting to server") from error
        return connection

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Replace a connection that was reset. Redis-py notices that a server has closed one, but not this."""
        writer = connection._writer  # noqa: SLF001 - there is no public attribute
        if writer and writer.is_closing():
            await connection.disconnect(nowait=True)
        await super().ensure_connection(connection)


def create_client(settings: RedisSettings) -> Redis:
    """Return a client, without connecting. Closing the client closes its connections."""
    address: dict[str, Any] = dict(parse_url(settings.url))
    connection_class = PATIENT[address.pop("connection_class", Connection)]
    pool = _Pool(
        **address,
        connection_class=connection_class,
        max_connections=settings.max_connections,
        timeout=BY_THE_CLOCK,
        socket_connect_timeout=BY_THE_CLOCK,
        socket_timeout=settings.timeout,
        # The pool replaces a closed connection before it lends it. TCP keep-alive, which redis-py turns on, closes one
        # whose server is gone. So there is no PING before commands and no second attempt after them.
        retry=Retry(NoBackoff(), 1, supported_errors=(ReadOnlyError,)),
        # They would extend the timeouts to 10 s during maintenance of the server.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    pool.patience = settings.connect_timeout
    return Redis.from_pool(pool)


async def warm(redis: Redis) -> None:
    """Open all connections, so that they are ready for the first requests. Failures are left for later."""
    pool = redis.connection_pool
    opening = [pool.get_connection() for _ in range(pool.max_connections)]  # type: ignore[no-untyped-call]
    opened = await asyncio.gather(*opening, return_exceptions=True)
    for connection in opened:
        if isinstance(connection, AbstractConnection):
            await pool.release(connection)
    if isinstance(error := opened[0], BaseException):
        log.error("redis cannot be used", error=describe(error))


async def get_redis(connection: HTTPConnection) -> Redis:
    return resources_of(connection).redis


RedisClient = Annotated[Redis, Depends(get_redis)]
