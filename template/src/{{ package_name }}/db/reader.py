"""Reader: a fast path for single SELECTs, which cost little more than the driver itself.

A single SELECT needs no BEGIN and COMMIT, no session that tracks changes of its rows, and no statement that is built
again each time. So SQLAlchemy compiles the SQL once, and asyncpg runs it on a connection of the same pool, borrowed for
that statement only. In a request that has a session, it runs on the session's connection.
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
    """SELECT with its SQL. Its parameters are `bindparam`s, given by name as values for asyncpg.

    The parameter of an `IN` is a list: `bindparam(name, expanding=True)`. A statement can have 32,767 parameters, and
    each value of the list is one. A longer list is an array: `column == any_(bindparam(name, type_=ARRAY(Uuid)))`.
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
        """Return the SQL and its values in order: those given, and those of the statement itself.

        Raises `TypeError` if a parameter is missing or unknown, and `NotAnOwner` if the rows have owners and none is
        given.
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
    """Reader. Rows are records of exactly the selected columns. Raises the errors of asyncpg."""

    def __init__(self, connect: Connect, owner: uuid.UUID | None = None) -> None:
        """`owner`: owner of the rows that are read, where rows have an owner: see `ownership.py`."""
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
    """The schema has changed since the connection was opened. It is closed, and the query can be repeated."""


def connect_from(engine: AsyncEngine) -> Connect:
    """Return a connection of the pool for each statement."""
    return lambda: _Loan(engine)


def share(session: AsyncSession) -> Connect:
    """Return a session's connection, in its transaction, for one statement at a time. Changes are flushed first."""
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
    """Do all of it in one greenlet, as each has a cost."""
    session.flush()
    connection = session.connection()
    if not driver_of(connection.connection).is_in_transaction():
        connection.exec_driver_sql("")  # SQLAlchemy begins the transaction with the first statement
    return pool_of(connection.engine), connection.connection


class _Loan:
    """Connection of the pool, borrowed for one statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def __aenter__(self) -> Driver:
        pool = pool_of(self._engine)
        self._borrowed = pool.take() or await pool.ready() or await self._engine.raw_connection()
        return driver_of(self._borrowed)

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Give the connection back, or close it if its state is not known."""
        try:
            if isinstance(error, PostgresError) and error.__cause__ is not None:  # not of the server, but of the driver
                await self._end_statement()
            if error is not None:
                self._look_at(error)
        finally:
            self._borrowed.close()

    async def _end_statement(self) -> None:
        """End a statement that was sent without its values, which the driver could not send.

        Until then the server waits for them, and keeps the statement's locks.
        """
        try:
            await driver_of(self._borrowed).execute("SELECT")
        except BaseException:
            self._borrowed.invalidate()
            raise

    def _look_at(self, error: BaseException) -> None:
        _end_if_in_doubt(pool_of(self._engine), self._borrowed, error)
        if is_outdated(error):
            raise OutdatedError("The database has changed.") from error
        if isinstance(error, InternalClientError):
            # The server has closed the connection, and the driver was used before it noticed.
            raise ConnectionDoesNotExistError(str(error)) from error


def _end_if_in_doubt(pool: Pool, connection: PoolProxiedConnection, error: BaseException) -> None:
    hide_values(error)
    if is_outdated(error):
        pool.renew(connection)
    # After a refusal by the server, the connection can be used. After any other error, its state is not known.
    elif driver_of(connection).is_closed() or not isinstance(error, PostgresError):
        connection.invalidate()
