"""Migrations: many replicas may start at once, and queries on a busy server are not blocked for long.

No lock and no setting is kept after its transaction. Behind PgBouncer, the next transaction on a connection may belong
to another client (https://www.pgbouncer.org/features.html, transaction pooling).
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.util import CommandError
from asyncpg import LockNotAvailableError
from pydantic import ValidationError
from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from ..settings import DatabaseOnly, DatabaseSettings
from . import autogenerate
from .engine import create_engine

SCRIPTS = Path(__file__).parent.parent / "migrations"

ADVISORY_LOCK = 7_305_804_402_566_259
"""Number of the lock. Nothing else in this database may use it."""

TURN_TIMEOUT, TURN_PAUSE = 600.0, 0.2
"""Times in seconds: a replica waits this long while another one migrates, and asks at this interval. Then it has
nothing to do."""

LOCK_TIMEOUT = "100ms"
"""Longest wait of DDL for a lock. All later queries wait behind it, so it is shorter than the wait of a request for a
connection (`DatabaseSettings.pool_timeout`). Then the migration is tried again."""

ATTEMPTS, PAUSE = 30, 1.0
"""Number of attempts, and the pause in seconds between them, in which queries can run. End long transactions first."""

CONCURRENTLY = re.compile(
    r'\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?("[^"]+"|\w+)\s+'
    r'ON\s+(?:ONLY\s+)?((?:"[^"]+"|[\w.])+)',
    re.IGNORECASE,
)

DROP_INVALID = """
DO $do$
DECLARE leftover regclass;
BEGIN
    PERFORM set_config('lock_timeout', '{timeout}', true);
    SELECT indexrelid INTO leftover FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname = (parse_ident($name${index}$name$))[1] AND indrelid = to_regclass($name${table}$name$)
    AND NOT indisvalid;
    IF FOUND THEN
        EXECUTE 'DROP INDEX ' || leftover;
    END IF;
END $do$
"""


def upgrade(settings: DatabaseSettings, revision: str = "head") -> None:
    """Upgrade the database to `revision`. Each migration is one transaction, which is tried again if it met a lock.

    Raises `alembic.util.CommandError` for an unknown revision, or if another process migrates for too long;
    `sqlalchemy.exc.DBAPIError` if the database refuses.
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
    """Return Alembic's configuration for its commands. For its command line, `pyproject.toml` has the same."""
    config = Config(attributes={"settings": settings})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def run(metadata: MetaData) -> None:
    """Run `migrations/env.py`: print the SQL (`alembic upgrade --sql`), or run it."""
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
    else:
        settings = context.config.attributes.get("settings") or _from_environment()
        asyncio.run(_run_online(metadata, create_engine(settings.for_migrations())))


def _from_environment() -> DatabaseSettings:
    """Read the settings for Alembic's command line, which reports only a `CommandError` in words."""
    try:
        return DatabaseOnly().database
    except ValidationError as error:
        raise CommandError("DATABASE_URL is missing or wrong; `dev` prints that of its database") from error


async def _run_online(metadata: MetaData, engine: AsyncEngine) -> None:
    try:
        async with _turn(engine), engine.connect() as connection:
            await connection.run_sync(_migrate, metadata)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _turn(engine: AsyncEngine) -> AsyncIterator[None]:
    """Hold the lock while the block runs: one process migrates, the others wait.

    They ask repeatedly. If they waited in a statement, `CREATE INDEX CONCURRENTLY` would wait for that statement. The
    transaction with the lock is idle, on its own connection, and ends however this process ends.
    """
    deadline = time.monotonic() + TURN_TIMEOUT
    async with engine.connect() as connection:
        while not await connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({ADVISORY_LOCK})")):
            await connection.rollback()
            if time.monotonic() > deadline:
                raise CommandError("another process has been migrating this database for too long")
            await asyncio.sleep(TURN_PAUSE)
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield


def _migrate(connection: Connection, metadata: MetaData) -> None:
    event.listen(connection, "begin", _set_timeouts)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        **autogenerate.options(metadata, context.script, connection),
    )
    with _no_invalid_index(connection), context.begin_transaction():
        context.run_migrations()


def _set_timeouts(connection: Connection) -> None:
    """Set timeouts for this transaction. Statements outside of one (`autocommit_block`) block nobody, and may wait."""
    connection.execute(
        text("SELECT set_config('lock_timeout', :lock, true), set_config('statement_timeout', '0', true)"),
        {"lock": LOCK_TIMEOUT},
    )


@contextmanager
def _no_invalid_index(connection: Connection) -> Iterator[None]:
    """Drop the invalid index that a failed `CREATE INDEX CONCURRENTLY` leaves; after a kill, before the next attempt.

    Such an index answers no query, but makes writes slower, and `IF NOT EXISTS` treats it as complete.
    """
    begun: list[str] = []

    def drop_leftover(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if found := CONCURRENTLY.match(statement):
            begun.append(DROP_INVALID.format(timeout=LOCK_TIMEOUT, index=found[1], table=found[2]))
            connection.exec_driver_sql(begun[-1])

    event.listen(connection, "before_cursor_execute", drop_leftover)
    try:
        yield
    except DBAPIError as error:
        if not error.connection_invalidated:
            connection.rollback()
            for drop in begun:
                connection.exec_driver_sql(drop)
            connection.commit()
        raise
