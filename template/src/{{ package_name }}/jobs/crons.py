"""Crons: a due cron enqueues its job once over all workers, as both are recorded in one transaction."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import text

from ..db.transaction import transaction
from ..resources import Resources
from .job import Cron
from .queue import SCHEMA, Jobs

TABLE = SCHEMA.qualified.schedules_table
# ruff: noqa: S608 - the name of the table is ours
ADD = text(
    f"INSERT INTO {TABLE} (entrypoint, expression, next_run) VALUES (:job, :expression, :following)"
    " ON CONFLICT DO NOTHING"
)
TAKE = text(
    f"UPDATE {TABLE} SET next_run = :following, last_run = now(), updated = now()"
    " WHERE entrypoint = :job AND expression = :expression AND next_run <= :now RETURNING id"
)
PAUSE = 1.0
"""Pause in seconds after a failure."""

log = structlog.get_logger()


async def run_crons(resources: Resources, stop: asyncio.Event) -> None:
    known = False
    while resources.crons and not stop.is_set():
        try:
            if not known:
                await add(resources)
                known = True
            for cron in resources.crons:
                await enqueue_if_due(cron, resources, datetime.now(UTC))
            now = datetime.now(UTC)
            pause = min((cron.following(now) - now).total_seconds() for cron in resources.crons)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the worker
            log.warning("crons are late", error=repr(error))
            pause = PAUSE
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def add(resources: Resources) -> None:
    """Store the crons. A new cron is first due at its next time, not at once."""
    now = datetime.now(UTC)
    async with transaction(resources) as tx:
        for cron in resources.crons:
            await tx.execute(ADD, _parameters(cron, now))


async def enqueue_if_due(cron: Cron[Any], resources: Resources, now: datetime) -> bool:
    """Enqueue the job if it is due, and return True if this worker did it. Updating the row decides which one does."""
    async with transaction(resources) as tx:
        taken = (await tx.execute(TAKE, {**_parameters(cron, now), "now": now})).first()
        if taken:
            await Jobs(tx, resources).enqueue(cron.job, cron.payload)
    return taken is not None


def _parameters(cron: Cron[Any], now: datetime) -> dict[str, object]:
    return {"job": cron.job.name, "expression": cron.expression, "following": cron.following(now)}
