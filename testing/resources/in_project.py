"""Program that runs on the project's own Python: it migrates a database with rows, and compares it with the models.

python in_project.py PROJECT PACKAGE TABLES…

The database in `DATABASE_URL` is kept from one run to the next. Each of the tables gets a row if it has none. It
prints one JSON document: the rows of each as text, and how the database differs from one that the models made.
"""

import asyncio
import importlib
import json
import os
import sys
import uuid
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Connection, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

MADE: dict[type, Any] = {
    bool: True,
    date: date(2020, 2, 29),
    datetime: datetime(2020, 2, 29, tzinfo=UTC),
    time: time(9),
    timedelta: timedelta(hours=1),
    uuid.UUID: uuid.UUID(int=1),
    dict: {},
    object: {},
    list: [],
    Decimal: Decimal(3),
    float: 3.0,
    int: 3,
    str: "a",
}
"""Values that every field of the random resources takes."""

SKIPPED = {"alembic_version", "idempotency_keys"}
CATALOGUE = (
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n' ORDER BY 1, 2
    """,
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    """
    SELECT table_name, column_name,
    concat_ws(' ', udt_name, character_maximum_length, numeric_precision, numeric_scale, is_nullable)
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2
    """,
    """
    SELECT typname, enumlabel, '' FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
    WHERE typnamespace = 'public'::regnamespace ORDER BY 1, enumsortorder
    """,
)
"""Constraints, indexes, columns and values of enums."""


async def connected(address: str, action: Callable[[Connection], Any], isolation: str = "READ COMMITTED") -> Any:  # noqa: ANN401
    engine = create_async_engine(
        address.replace("postgresql://", "postgresql+asyncpg://", 1), isolation_level=isolation
    )
    try:
        async with engine.connect() as connection:
            done = await connection.run_sync(action)
            await connection.commit()
            return done
    finally:
        await engine.dispose()


def value(column: Column[Any]) -> Any:  # noqa: ANN401 - of any type
    if enums := getattr(column.type, "enums", None):
        return enums[0]
    try:
        return MADE.get(column.type.python_type, "a")
    except NotImplementedError:
        return "a"


def fill(connection: Connection, names: Collection[str]) -> dict[str, list[dict[str, str | None]]]:
    """Insert a row into each table that has none, and return all rows."""
    known = MetaData()
    known.reflect(connection)
    tables = [table for table in known.sorted_tables if table.name in names]
    for table in tables:
        if not connection.scalar(select(func.count()).select_from(table)):
            connection.execute(insert(table).values(row(connection, table)))
    found = {}
    for table in tables:
        rows = connection.execute(select(table)).mappings()
        found[table.name] = [{name: None if it is None else str(it) for name, it in one.items()} for one in rows]
    return found


def row(connection: Connection, table: Table) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in table.columns:
        key = next(iter(column.foreign_keys), None)
        if key is not None:
            made[column.name] = connection.scalar(select(key.column).limit(1))
        elif column.primary_key and column.name == "id":
            made[column.name] = uuid.uuid4()
        elif column.server_default is None:
            made[column.name] = value(column)
    return made


def catalogue(connection: Connection) -> list[list[str]]:
    return [
        [" | ".join(map(str, one)) for one in connection.execute(text(query)) if one[0] not in SKIPPED]
        for query in CATALOGUE
    ]


def made_by_models(metadata: MetaData) -> Callable[[Connection], list[list[str]]]:
    def make(connection: Connection) -> list[list[str]]:
        for name in inspect(connection).get_schema_names():
            if name == "public":
                connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        metadata.create_all(connection)
        return catalogue(connection)

    return make


async def check(address: str, metadata: MetaData, tables: Collection[str]) -> dict[str, Any]:
    rows = await connected(address, lambda connection: fill(connection, tables))
    migrated = await connected(address, catalogue)
    beside = f"{address.rpartition('/')[0]}/beside"

    def create(connection: Connection) -> None:
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = 'beside'")):
            connection.execute(text("CREATE DATABASE beside"))

    await connected(address, create, "AUTOCOMMIT")
    wanted = await connected(beside, made_by_models(metadata))
    differences = [
        line
        for one, other in zip(migrated, wanted, strict=True)
        for line in sorted(
            {f"- {line}" for line in set(one) - set(other)} | {f"+ {line}" for line in set(other) - set(one)}
        )
    ]
    return {"rows": rows, "differences": differences}


def main(project: str, package: str, *tables: str) -> None:
    os.chdir(project)
    config = Config(toml_file=str(Path(project) / "pyproject.toml"))
    command.upgrade(config, "head")
    command.check(config)
    metadata = importlib.import_module(f"{package}.models").metadata
    json.dump(asyncio.run(check(os.environ["DATABASE_URL"], metadata, tables)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
