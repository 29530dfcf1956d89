"""Migrating, so that many replicas may start at once and a busy server is never held up."""

import asyncio
import time
from pathlib import Path

import alembic_postgresql_enum
from alembic import command, context
from alembic.config import Config
from alembic.util import CommandError
from asyncpg import LockNotAvailableError
from pydantic import ValidationError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from ..settings import DatabaseOnly, DatabaseSettings
from .engine import create_engine

SCRIPTS = Path(__file__).parent.parent / "migrations"

ADVISORY_LOCK = 7_305_804_402_566_259
"""Any number that nothing else in this database uses."""

TURN_TIMEOUT = "15s"
"""How long, at each attempt, a replica waits while another one migrates. It then finds nothing left to do."""

LOCK_TIMEOUT = "100ms"
"""DDL that waits for a lock makes all queries behind it wait too. So it gives up long before a request does that waits
for a connection (`DatabaseSettings.pool_timeout`), and tries again."""

ATTEMPTS, PAUSE = 30, 1.0
"""How often, and after how many seconds in which the queries pass. What holds a table for longer should end first."""

alembic_postgresql_enum.set_configuration(alembic_postgresql_enum.Config(drop_unused_enums=True))


def upgrade(settings: DatabaseSettings, revision: str = "head") -> None:
    """Bring the database to `revision`. Each migration is one transaction, which is tried again if it met a lock.

    Raises `alembic.util.CommandError` for an unknown revision, `sqlalchemy.exc.DBAPIError` if the database refuses.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            command.upgrade(configuration(settings), revision)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LockNotAvailableError.sqlstate or attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE)
        else:
            return


def configuration(settings: DatabaseSettings) -> Config:
    """Alembic's own configuration, for its commands. With its command line, `pyproject.toml` says the same."""
    config = Config(attributes={"settings": settings})
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def run(metadata: MetaData) -> None:
    """What `migrations/env.py` does: print the SQL (`alembic upgrade --sql`), or run it."""
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
    else:
        settings = context.config.attributes.get("settings") or _from_environment()
        asyncio.run(_run_online(metadata, create_engine(settings.for_migrations())))


def _from_environment() -> DatabaseSettings:
    """For Alembic's own command line, which has words for a `CommandError` only."""
    try:
        return DatabaseOnly().database
    except ValidationError as error:
        raise CommandError("DATABASE_URL is missing or wrong; `dev` prints that of its database") from error


async def _run_online(metadata: MetaData, engine: AsyncEngine) -> None:
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, metadata)
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    connection.execute(text(f"SET lock_timeout = '{TURN_TIMEOUT}'"))
    connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    # The lock belongs to the connection and ends with it, however this process ends.
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
