"""Queue: jobs are enqueued in the transaction of a session, so they exist if, and only if, it commits."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.requests import HTTPConnection
from pgqueuer.adapters.persistence.qb import DBSettings, Durability
from pgqueuer.types import Channel
from pydantic import BaseModel

from ..db.reader import Connect
from ..db.session import Session
from ..db.transaction import Transaction
from ..principal import ANONYMOUS, CurrentPrincipal, Principal
from ..resources import Resources, resources_of
from .job import Job

SCHEMA = DBSettings(
    # All of them are given: PgQueuer would read missing ones from variables such as CHANNEL and FUNCTION.
    prefix="",
    db_schema="jobs",
    channel=Channel("jobs"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.durable,
    widen_id=True,
)
"""PgQueuer's tables. They are in their own schema, which Alembic's autogenerate does not compare."""

ENQUEUE = f"""
    INSERT INTO {SCHEMA.qualified.queue_table}
        (entrypoint, priority, payload, execute_after, dedupe_key, headers, status)
    VALUES ($1, $2, $3, now() + $4::interval, $5, $6, 'queued')
    RETURNING id
"""  # noqa: S608 - the name of the table is ours
"""Statement for one job. PgQueuer's own takes many jobs at once and logs each, at twice the cost for a writer."""

ENQUEUE_ONCE = ENQUEUE.replace(
    "RETURNING",
    """
    ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
    RETURNING
    """,
)
"""Statement that adds nothing if a job has the same key. Only for keys: the check costs a tenth of a commit."""

NOTIFY = "SELECT pg_notify($1, $2), set_config('synchronous_commit', 'off', true)"
"""Notification of workers. The server runs commits that notify one at a time, so this one does not wait for the disk
or a standby. If a crash of the server loses it, workers find the job when they poll."""

PAUSE = 0.025
"""Interval in seconds between two notifications of a process. Each makes every idle worker look for jobs."""

CLOSE_TIMEOUT = 1.0

log = structlog.get_logger()


class Jobs:
    """Enqueuer for routes and jobs: `jobs: JobQueue`, or `Jobs(tx, context.resources, context.principal)`."""

    def __init__(self, session: Transaction, resources: Resources, principal: Principal = ANONYMOUS) -> None:
        self._session = session
        self._resources = resources
        self._principal = principal

    async def enqueue[P: BaseModel](
        self, job: Job[P], payload: P, *, delay: timedelta = timedelta(), key: str | None = None
    ) -> int | None:
        """Add the job to this transaction, and return its id. A worker starts it after the commit and the delay.

        With a `key`, only one such job waits or runs at a time. If there is one, none is added, and None is returned.
        If an open transaction of another request has added a job with this key, this waits for its end.
        """
        body = payload.model_dump_json().encode()
        values = (job.name, job.priority, body, delay, f"{job.name}:{key}" if key else None, self._headers())
        # On the driver, for half the cost, but inside the transaction of the session: outside of it, the job would be
        # committed at once, and would stay when the request is rolled back.
        async with self._session.reader.connect() as driver:
            id_: int | None = await driver.fetchval(ENQUEUE_ONCE if key else ENQUEUE, *values)
        if id_ is not None:
            self._session.after_commit(self._resources[Notifier].notify)
        return id_

    def _headers(self) -> str | None:
        """Return the principal, the request id and the trace as JSON, for the log and the trace of the job."""
        headers: dict[str, object] = {}
        if not self._principal.is_anonymous:
            principal = self._principal
            headers["principal"] = {
                "kind": principal.kind,
                "id": principal.id,
                "scopes": sorted(principal.scopes),
            }
        if request := structlog.contextvars.get_contextvars().get("request_id"):
            headers["request_id"] = request
        if trace := self._resources.telemetry.trace_context():
            headers["trace"] = trace
        return json.dumps(headers) if headers else None


class Notifier:
    """Notifier that wakes idle workers after a commit. They also poll: a lost notification costs seconds, no job."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    async def notify(self) -> None:
        """Notify the workers soon, without waiting. All jobs that are enqueued meanwhile share one notification."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                async with self._connect() as connection:
                    await connection.execute(NOTIFY, SCHEMA.channel, changed_event())
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not be a request's
                log.warning("workers were not notified, and will see the job when they poll", error=repr(error))
            await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        if self._task:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, CLOSE_TIMEOUT)


@asynccontextmanager
async def open_notifier(resources: Resources) -> AsyncIterator[Notifier]:
    notifier = Notifier(resources.reader.connect)
    yield notifier
    await notifier.close()


def changed_event() -> str:
    """Return the event that makes PgQueuer's manager look for jobs."""
    event = {
        "channel": SCHEMA.channel,
        "operation": "insert",
        "sent_at": datetime.now(UTC).isoformat(),
        "table": SCHEMA.queue_table,
        "type": "table_changed_event",
    }
    return json.dumps(event)


async def get_jobs(connection: HTTPConnection, session: Session, principal: CurrentPrincipal) -> Jobs:
    """Return the queue in the transaction of the request."""
    return Jobs(session, resources_of(connection), principal)


JobQueue = Annotated[Jobs, Depends(get_jobs)]
