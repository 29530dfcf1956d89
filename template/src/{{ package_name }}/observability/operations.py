"""The methods by which PostgreSQL and Redis are asked, and what each call of them is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from asyncpg import Connection
from asyncpg.cursor import Cursor
from asyncpg.prepared_stmt import PreparedStatement
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

KNOWN = frozenset(
    (
        "BEGIN",
        "COMMIT",
        "COPY",
        "DELETE",
        "INSERT",
        "MERGE",
        "RELEASE",
        "ROLLBACK",
        "SAVEPOINT",
        "SELECT",
        "SET",
        "UPDATE",
        "WITH",
    )
)
"""First words of SQL that are kept apart in the metrics."""

WORD = re.compile(r"\w+")

type Describe = Callable[..., Operation]


class Operation(NamedTuple):
    system: str
    name: str
    text: str | None = None
    """SQL with its placeholders: what is put in for them stays here, and so do the keys of Redis."""


def _connection(_: Connection[Any], query: str = "", *__: object, command: str = "", **___: object) -> Operation:
    return _sql(query or command)


def _preparation(_: Connection[Any], query: str = "", *__: object, **___: object) -> Operation:
    return Operation("postgresql", "PREPARE", query)


def _statement(statement: PreparedStatement[Any], *_: object, **__: object) -> Operation:
    return _sql(statement.get_query())


def _cursor(cursor: Cursor[Any], *_: object, **__: object) -> Operation:
    return _sql(cursor._query)  # type: ignore[attr-defined] # noqa: SLF001 - nothing public tells


def _sql(text: str) -> Operation:
    word = WORD.search(text)
    name = word[0].upper() if word else ""
    return Operation("postgresql", name if name in KNOWN else "OTHER", text)


def _command(_: Redis, name: str, *__: object, **___: object) -> Operation:
    return Operation("redis", name.partition(" ")[0].upper())


def _pipeline(*_: object, **__: object) -> Operation:
    return Operation("redis", "PIPELINE")


METHODS: tuple[tuple[type, tuple[str, ...], Describe], ...] = (
    (Connection, ("execute", "executemany", "fetch", "fetchmany", "fetchrow", "fetchval"), _connection),
    (Connection, ("prepare",), _preparation),
    (PreparedStatement, ("executemany", "fetch", "fetchmany", "fetchrow", "fetchval"), _statement),
    (Cursor, ("fetch", "fetchrow", "forward"), _cursor),
    (Redis, ("execute_command",), _command),
    (Pipeline, ("execute",), _pipeline),
)
