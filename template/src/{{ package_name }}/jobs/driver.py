"""Driver: connects PgQueuer to the database through our own pool. In an outage it waits, and raises no error."""

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
"""Pause in seconds between two attempts while the database does not answer."""

LOOK = 10.0
"""Interval in seconds between two checks of the connection that listens."""

log = structlog.get_logger()


class AbandonedError(Exception):
    """The worker has handed its jobs over, so this driver makes no more queries."""


class EngineDriver(Driver):
    """Driver that waits in an outage. After an error, PgQueuer's manager would wait for all jobs, and take none."""

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
        """Make the manager look for jobs now."""
        if self._callback:
            self._callback(changed_event())

    def abandon(self) -> None:
        """Make no more queries: the jobs now belong to other workers, so their ends here must change nothing."""
        self._abandoned = True

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Listen on a channel. Behind a pooler in transaction mode this is not possible, so workers poll."""
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
        """Run a query, again after an outage. It may run twice if a connection breaks, which must do no harm."""
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
        """Listen until the connection ends. An idle connection may break unnoticed, so it is checked regularly."""
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
            borrowed.invalidate()  # so that no other caller gets a connection that listens


def _is_outage(error: Exception) -> bool:
    return isinstance(error, (OSError, PoolTimeoutError)) or isinstance(as_app_error(error), Unavailable)
