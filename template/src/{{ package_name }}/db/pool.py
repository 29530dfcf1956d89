"""Pool of connections. The request that has waited longest gets the next one."""

import asyncio
from collections import deque
from typing import cast

from asyncpg import Connection, Record
from sqlalchemy import AsyncAdaptedQueuePool, Engine, PoolProxiedConnection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_
from sqlalchemy.util.queue import Empty, Full, QueueCommon

from ..patience import patience

type Driver = Connection[Record]


class _Line(QueueCommon[ConnectionPoolEntry]):
    """Queue of idle connections, or of requests that wait for one; never both.

    A connection that comes back goes to the first request that waits. In a queue of asyncio, a request that arrives at
    the right moment could take it, and with many clients some would wait in vain.
    """

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:  # noqa: FBT001, FBT002 - called like this
        self.maxsize = maxsize
        self.use_lifo = use_lifo
        self._ready: deque[ConnectionPoolEntry] = deque()
        self._waiting: deque[asyncio.Future[ConnectionPoolEntry]] = deque()

    def empty(self) -> bool:
        return not self._ready

    def full(self) -> bool:
        return 0 < self.maxsize <= len(self._ready)

    def qsize(self) -> int:
        return len(self._ready)

    def get_nowait(self) -> ConnectionPoolEntry:
        if not self._ready:
            raise Empty
        return self._ready.popleft()

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:  # noqa: FBT001, FBT002
        return self.get_nowait() if self._ready or not block else await_(self.wait(timeout))

    def put_first(self, item: ConnectionPoolEntry) -> None:
        """Put a connection first, for a caller that takes it at once."""
        self._ready.appendleft(item)

    def put_nowait(self, item: ConnectionPoolEntry) -> None:
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():  # its request may have given up
                first.set_result(item)
                return
        if self.full():
            raise Full
        self._ready.append(item)

    def put(self, item: ConnectionPoolEntry, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002
        self.put_nowait(item)

    async def wait(self, timeout: float | None) -> ConnectionPoolEntry:  # noqa: ASYNC109 - the pool's own
        assert timeout is not None  # `create_engine` gives one
        mine: asyncio.Future[ConnectionPoolEntry] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            async with patience(timeout):
                return await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():  # the connection arrived at the moment of giving up
                self.put_nowait(mine.result())
            if isinstance(error, TimeoutError):
                raise Empty from None
            raise


class Pool(AsyncAdaptedQueuePool):
    _queue_class = _Line

    async def ready(self) -> PoolProxiedConnection | None:
        """Return an idle connection, after a wait if necessary; `None` if a new one has to be opened.

        Unlike opening one, this needs no greenlet, which saves a tenth of a read. Raises `sqlalchemy.exc.TimeoutError`.
        """
        if not self.checkedin() and self._overflow >= self._max_overflow:  # all connections are in use
            line = cast("_Line", self._pool)
            try:
                line.put_first(await line.wait(self._timeout))
            except Empty:
                raise PoolTimeoutError(f"no connection became free within {self._timeout} s") from None
        return self.take()

    def take(self) -> PoolProxiedConnection | None:
        """Return an idle connection without waiting; `None` if there is none."""
        try:
            return self.connect() if self.checkedin() else None
        except MissingGreenlet:  # this connection has to be opened again
            return None

    def renew(self, connection: PoolProxiedConnection) -> None:
        """Close this connection. Those of the same age are opened again when they are next used."""
        self._invalidate(connection)


def pool_of(engine: AsyncEngine | Engine) -> Pool:
    return cast("Pool", engine.pool)


def driver_of(connection: PoolProxiedConnection) -> Driver:
    return cast("Driver", connection.driver_connection)
