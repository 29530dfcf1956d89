"""Driver: PgQueuer's way to the database, on connections of our own pool. An outage is waited for, not raised."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

import structlog
from asyncpg import InterfaceError, PostgresError
from asyncpg.pool import PoolConnectionProxy
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import Driver, NotifyCallback
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from ..db.errors import as_app_error
from ..db.pool import Driver as Connection
from ..db.pool import driver_of
from ..db.reader import connect_from
from ..errors import Unavailable
from .queue import changed_event

PAUSE = 1.0
"""Seconds between two attempts while the database cannot answer."""

LOOK = 10.0
"""Seconds after which the connection that listens is asked whether it is still there."""

log = structlog.get_logger()


class AbandonedError(Exception):
    """The worker has handed its jobs over."""


class EngineDriver(Driver):
    """Where PgQueuer's own would raise, its manager would wait for all running jobs to end, and take no new ones."""

    def __init__(self, engine: AsyncEngine, *, can_listen: bool) -> None:
        self._engine = engine
        self._connect = connect_from(engine)
        self._can_listen = can_listen
        self._callback: NotifyCallback | None = None
        self._listening: asyncio.Task[None] | None = None
        self._shutdown = asyncio.Event()
        self._abandoned = False

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return TaskManager()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await self._ask(lambda connection: connection.fetch(query, *args))]

    async def execute(self, query: str, *args: object) -> str:
        return await self._ask(lambda connection: connection.execute(query, *args))

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    def wake(self) -> None:
        """Let the manager look for jobs now."""
        if self._callback:
            self._callback(changed_event())

    def abandon(self) -> None:
        """Ask nothing any more: the jobs that still run belong to other workers, and their ends must change nothing."""
        self._abandoned = True

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Behind a pooler in transaction mode nothing can be heard: workers then poll."""
        self._callback = callback
        if self._can_listen:
            self._listening = asyncio.create_task(self._keep_listening(channel, callback))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.wait({self._listening})

    async def _ask[T](self, ask: Callable[[Connection], Awaitable[T]]) -> T:
        """What is asked may have been done before the connection broke: it must be harmless to do it again."""
        while True:
            if self._abandoned:
                raise AbandonedError
            try:
                async with self._connect() as connection:
                    return await ask(connection)
            except (PostgresError, InterfaceError, Unavailable, OSError, PoolTimeoutError) as error:
                if self._shutdown.is_set() or not _is_outage(error):
                    raise
                log.warning("the database cannot answer; trying again", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._shutdown.wait(), PAUSE)

    async def _keep_listening(self, channel: str, callback: NotifyCallback) -> None:
        def heard(_: object, __: int, ___: str, payload: object) -> None:
            callback(str(payload))

        while True:
            try:
                await self._listen(channel, heard)
            except Exception as error:  # noqa: BLE001 - whatever it is, a new connection may be better
                log.warning("jobs are polled for, until a connection listens again", error=type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def _listen(
        self, channel: str, heard: Callable[[Connection | PoolConnectionProxy, int, str, object], None]
    ) -> None:
        """Until the connection ends. One that is silent may be cut off, so it is asked now and then."""
        borrowed = await self._engine.raw_connection()
        try:
            connection = driver_of(borrowed)
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(channel, heard)
            while not lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), LOOK)
                    return
                await connection.execute("SELECT 1")
        finally:
            borrowed.invalidate()  # so that nobody else gets a connection that listens


def _is_outage(error: Exception) -> bool:
    return isinstance(error, (OSError, PoolTimeoutError)) or isinstance(as_app_error(error), Unavailable)
