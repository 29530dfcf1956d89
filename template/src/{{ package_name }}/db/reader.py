"""Lone reads, at little more than the price of the driver.

A SELECT by itself needs no BEGIN and COMMIT around it, no session that watches its rows for changes, and no statement
that is put together anew each time. So SQLAlchemy writes the SQL once, and asyncpg runs it on a connection of the same
pool, borrowed for just that statement. Whatever writes, or reads twice and must see the same, takes a session.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import cast

from asyncpg import Connection, ConnectionDoesNotExistError, InternalClientError, PostgresError, Record
from sqlalchemy import ClauseElement, PoolProxiedConnection
from sqlalchemy.dialects import registry
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.compiler import SQLCompiler

from .engine import pool_of

type Driver = Connection[Record]
type Connect = Callable[[], AbstractAsyncContextManager[Driver]]

DIALECT = registry.load("postgresql.asyncpg")()


class Query:
    """A SELECT with its SQL. Parameters are `bindparam`s, given by name as what asyncpg takes; no `IN` of a list."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=DIALECT))
        self.sql = str(compiled)
        self._values = {name: compiled.params[name] for name in compiled.positiontup or ()}

    def arguments(self, parameters: Mapping[str, object]) -> list[object]:
        """In the order of the SQL: those given, and the values that the statement was written with."""
        return [parameters.get(name, value) for name, value in self._values.items()]


class Reader:
    """Rows come back as records of exactly the selected columns. Raises what asyncpg raises."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def all(self, query: Query, **parameters: object) -> list[Record]:
        async with self._connect() as connection:
            return await connection.fetch(query.sql, *query.arguments(parameters))

    async def first(self, query: Query, **parameters: object) -> Record | None:
        async with self._connect() as connection:
            return await connection.fetchrow(query.sql, *query.arguments(parameters))


def connect_from(engine: AsyncEngine) -> Connect:
    """Borrow from the engine's pool, each in turn."""
    turns = asyncio.Semaphore(pool_of(engine).size())
    return lambda: _Loan(engine, turns)


class _Loan:
    """A connection of the pool, for one statement.

    The pool itself lets whoever comes at the right moment pass those who wait, and some would wait in vain.
    """

    def __init__(self, engine: AsyncEngine, turns: asyncio.Semaphore) -> None:
        self._engine = engine
        self._turns = turns

    async def __aenter__(self) -> Driver:
        if self._turns.locked():
            async with asyncio.timeout(pool_of(self._engine).timeout()):
                await self._turns.acquire()
        else:
            await self._turns.acquire()
        try:
            self._borrowed = await self._borrow()
        except BaseException:
            self._turns.release()
            raise
        return driver_of(self._borrowed)

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """A connection whose state is in doubt is not given back."""
        try:
            # After a refusal the server waits for the next statement; after anything else nobody knows.
            if error and (driver_of(self._borrowed).is_closed() or not isinstance(error, PostgresError)):
                self._borrowed.invalidate()
        finally:
            self._borrowed.close()
            self._turns.release()
        if isinstance(error, InternalClientError):
            # The server has said goodbye, and the driver is told to go on before it has seen the connection end.
            raise ConnectionDoesNotExistError(str(error)) from error

    async def _borrow(self) -> PoolProxiedConnection:
        pool = pool_of(self._engine)
        if pool.checkedin():
            # To take what lies ready needs no greenlet, which saves a tenth of such a read.
            with suppress(MissingGreenlet):  # but the next one of them has to be opened anew
                return pool.connect()
        try:
            return await self._engine.raw_connection()
        except self._engine.dialect.loaded_dbapi.Error as error:
            # Unlike a session's, it does not become a `DBAPIError`. It is the dialect's copy of what the driver raised.
            raise error.__cause__ or error from None


def driver_of(connection: PoolProxiedConnection) -> Driver:
    return cast("Driver", connection.driver_connection)
