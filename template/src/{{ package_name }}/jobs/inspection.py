"""Inspection of the queue: the commands of an operator."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from ..db.pool import Driver
from .queue import SCHEMA

TABLE, LOG = SCHEMA.qualified.queue_table, SCHEMA.qualified.queue_table_log
STATUSES = {"waiting": "queued", "running": "picked", "dead": "failed"}
"""Our names of the statuses, and PgQueuer's."""

# ruff: noqa: S608 - the names of the tables are ours
LIST = f"""
    SELECT queue.id, entrypoint AS name, queue.status::text, execute_after, error
    FROM {TABLE} AS queue LEFT JOIN LATERAL (
        SELECT concat(traceback ->> 'exception_type', ': ', traceback ->> 'exception_message') AS error
        FROM {LOG} WHERE job_id = queue.id AND traceback IS NOT NULL ORDER BY id DESC LIMIT 1
    ) AS last ON true
    WHERE ($1::text IS NULL OR queue.status::text = $1) AND ($2::text IS NULL OR entrypoint = $2)
    ORDER BY queue.id DESC LIMIT $3
"""
SHOW = f"""
    SELECT id, entrypoint AS name, status::text, priority, created, execute_after, dedupe_key AS key,
        convert_from(payload, 'UTF8') AS payload, headers::text
    FROM {TABLE} WHERE id = $1
"""
HISTORY = f"""
    SELECT created, status::text, traceback ->> 'traceback' AS error FROM {LOG} WHERE job_id = $1 ORDER BY id
"""
RETRY = f"""
    WITH wanted AS (
        SELECT DISTINCT ON (coalesce(dedupe_key, id::text)) id FROM {TABLE} AS dead
        WHERE status = 'failed' AND (id = ANY($1) OR entrypoint = $2) AND NOT EXISTS (
            SELECT FROM {TABLE} WHERE dedupe_key = dead.dedupe_key AND status IN ('queued', 'picked')
        )
        ORDER BY coalesce(dedupe_key, id::text), id DESC
    ), retried AS (
        UPDATE {TABLE} SET status = 'queued', execute_after = now(), updated = now(), attempts = 0
        WHERE id IN (SELECT id FROM wanted) AND status = 'failed' RETURNING id, entrypoint, priority
    )
    INSERT INTO {LOG} (job_id, status, entrypoint, priority) SELECT id, 'queued', entrypoint, priority FROM retried
    RETURNING job_id
"""
"""Statement that retries jobs. Only one job of a key may wait or run: of several dead ones, the newest is retried."""

CANCEL = f"""
    WITH gone AS (DELETE FROM {TABLE} WHERE id = ANY($1) RETURNING id, entrypoint, priority)
    INSERT INTO {LOG} (job_id, status, entrypoint, priority) SELECT id, 'canceled', entrypoint, priority FROM gone
    RETURNING job_id
"""
TELL = """
    SELECT pg_notify($1, json_build_object(
        'type', 'cancellation_event', 'channel', $1::text, 'sent_at', now(), 'ids', $2::bigint[]
    )::text)
"""


async def find(connection: Driver, *, status: str | None, name: str | None, limit: int) -> list[Record]:
    """Return jobs, the newest first."""
    return await connection.fetch(LIST, STATUSES[status] if status else None, name, limit)


async def show(connection: Driver, id_: int) -> tuple[Record | None, list[Record]]:
    """Return the job, if it waits, runs or is dead, and its history."""
    return await connection.fetchrow(SHOW, id_), await connection.fetch(HISTORY, id_)


async def retry(connection: Driver, ids: Sequence[int], name: str | None = None) -> list[int]:
    """Retry dead jobs: those with these ids, and all with this name. They get all attempts again. Return their ids.

    A job stays dead while another one with its key waits or runs.
    """
    return _ids(await connection.fetch(RETRY, ids, name))


async def cancel(connection: Driver, ids: Sequence[int]) -> list[int]:
    """Remove jobs from the queue, and notify the workers, which stop them if they run. Return the ids."""
    cancelled = _ids(await connection.fetch(CANCEL, ids))
    await connection.execute(TELL, SCHEMA.channel, cancelled)
    return cancelled


def status_of(row: Any) -> str:  # noqa: ANN401 - of any of these rows
    return next((ours for ours, theirs in STATUSES.items() if theirs == row["status"]), str(row["status"]))


def _ids(rows: list[Record]) -> list[int]:
    return [int(row["job_id"]) for row in rows]
