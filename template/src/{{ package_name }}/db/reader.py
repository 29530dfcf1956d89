"""Lone reads, at little more than the price of the driver.

A SELECT by itself needs no BEGIN and COMMIT around it, no session that watches its rows for changes, and no statement
that is put together anew each time. So SQLAlchemy writes the SQL once, and asyncpg runs it on a connection of the same
pool, borrowed for just that statement. Within a request that has a session, it runs on the session's connection.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self, cast

from asyncpg import Connection, ConnectionDoesNotExistError, InternalClientError, PostgresError, Record
from sqlalchemy import ClauseElement, PoolProxiedConnection
from sqlalchemy.dialects import registry
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from ..errors import Unavailable
from . import ownership
from .errors import hide_values, is_outdated
from .pool import Driver, Pool, driver_of, pool_of

type Connect = Callable[[], AbstractAsyncContextManager[Driver]]

DIALECT = registry.load("postgresql.asyncpg")()


class Query:
    """A SELECT with its SQL. Parameters are `bindparam`s, given by name as what asyncpg takes.

    That for an `IN` is a list: `bindparam(name, expanding=True)`.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._compiled = cast("SQLCompiler", statement.compile(dialect=DIALECT))
        self.sql = str(self._compiled)
        binds = self._compiled.binds
        self._names = self._compiled.positiontup or ()
        self._expected = frozenset(self._names)
        self._given = {name: self._compiled.params[name] for name in self._names if not binds[name].required}
        self._is_owned = ownership.COLUMN in self._expected

    def render(self, parameters: dict[str, Any], owner: uuid.UUID | None = None) -> tuple[str, list[Any]]:
        """The SQL, and in its order the values: those given, and those that the statement was written with.

        Raises `TypeError` if a parameter is missing, or unknown, and `NotAnOwner` if the rows have owners, and nobody
        is given.
        """
        given = {**self._given, **parameters}
        if self._is_owned:
            given.setdefault(ownership.COLUMN, owner or ownership.require(None))
        if given.keys() != self._expected:
            raise TypeError(f"the query takes {sorted(self._expected)}, and not {sorted(parameters)}")
        if not self._compiled.post_compile_params:
            return self.sql, [given[name] for name in self._names]
        expanded = self._compiled.construct_expanded_state(given)  # there is an IN
        values = expanded.parameters
        return expanded.statement, [values[name] for name in expanded.positiontup or ()]


class Reader:
    """Rows come back as records of exactly the selected columns. Raises what asyncpg raises."""

    def __init__(self, connect: Connect, owner: uuid.UUID | None = None) -> None:
        """`owner` is whose rows are read, where they have an owner: see `ownership.py`."""
        self.connect = connect
        self.owner = owner

    def of(self, owner: uuid.UUID | None) -> Self:
        return type(self)(self.connect, owner)

    async def all(self, query: Query, **parameters: Any) -> list[Record]:  # noqa: ANN401 - whatever asyncpg takes
        return await self._ask(Connection.fetch, *query.render(parameters, self.owner))

    async def first(self, query: Query, **parameters: Any) -> Record | None:  # noqa: ANN401
        return await self._ask(Connection.fetchrow, *query.render(parameters, self.owner))

    async def _ask[T](self, ask: Callable[..., Awaitable[T]], sql: str, values: list[Any]) -> T:
        try:
            async with self.connect() as connection:
                return await ask(connection, sql, *values)
        except OutdatedError:
            async with self.connect() as connection:
                return await ask(connection, sql, *values)


class OutdatedError(Unavailable):
    """The connection did not know of a change of the schema. It is closed, and what was asked can be asked again."""


def connect_from(engine: AsyncEngine) -> Connect:
    """A connection of the pool for each statement."""
    return lambda: _Loan(engine)


def share(session: AsyncSession) -> Connect:
    """The connection of a session, within its transaction, for one statement at a time; changes are sent first."""
    turn = asyncio.Lock()

    @asynccontextmanager
    async def connect() -> AsyncIterator[Driver]:
        async with turn:
            pool, borrowed = await session.run_sync(_within_transaction)
            try:
                yield driver_of(borrowed)
            except BaseException as error:
                _end_if_in_doubt(pool, borrowed, error)
                raise

    return connect


def _within_transaction(session: Session) -> tuple[Pool, PoolProxiedConnection]:
    """In one greenlet for all of it, since each has its price."""
    session.flush()
    connection = session.connection()
    if not driver_of(connection.connection).is_in_transaction():
        connection.exec_driver_sql("")  # SQLAlchemy begins it with the first statement
    return pool_of(connection.engine), connection.connection


class _Loan:
    """A connection of the pool, for one statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def __aenter__(self) -> Driver:
        pool = pool_of(self._engine)
        self._borrowed = pool.take() or await pool.ready() or await self._engine.raw_connection()
        return driver_of(self._borrowed)

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """A connection whose state is in doubt is not given back."""
        try:
            if error is not None:
                self._look_at(error)
        finally:
            self._borrowed.close()

    def _look_at(self, error: BaseException) -> None:
        _end_if_in_doubt(pool_of(self._engine), self._borrowed, error)
        if is_outdated(error):
            raise OutdatedError("The database has changed.") from error
        if isinstance(error, InternalClientError):
            # The server has said goodbye, and the driver is told to go on before it has seen the connection end.
            raise ConnectionDoesNotExistError(str(error)) from error


def _end_if_in_doubt(pool: Pool, connection: PoolProxiedConnection, error: BaseException) -> None:
    hide_values(error)
    if is_outdated(error):
        pool.renew(connection)
    # After a refusal the server waits for the next statement; after anything else nobody knows.
    elif driver_of(connection).is_closed() or not isinstance(error, PostgresError):
        connection.invalidate()
