"""Worker: runs jobs until it is stopped. It runs PgQueuer's queue manager, but not PgQueuer's own runner.

That runner cancels jobs when the database stalls. It then treats a cancelled job as one that somebody has cancelled,
and deletes it. So here only its timeout or `jobs cancel` cancels a job. Jobs that still run at the end of the grace
period are handed over to other workers, and the process ends.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain import models
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.queries import Queries
from pgqueuer.types import JOB_STATUS, JobId, QueueEntrypoint, QueueManagerId
from sqlalchemy.ext.asyncio import AsyncEngine

from ..db.engine import create_engine, cut_off
from ..logs import escaped
from ..resources import Resources
from ..terminal import printable
from .crons import run_crons
from .driver import EngineDriver
from .executor import Executor
from .queue import SCHEMA
from .settings import JobsSettings

POLL, HEARTBEAT_TIMEOUT = timedelta(seconds=5), timedelta(seconds=6)
"""The jobs of a killed worker start again within the sum of these two."""

BATCH = 25
"""Largest number of jobs that are taken from the queue at once."""

CONNECTIONS = 4
"""Connections of the queue itself: one listens, and a heartbeat must not wait for the queries of jobs."""

AGAIN_AFTER, REPORT_EVERY, REPORT_AT_LEAST_EVERY = 1.0, 15.0, 120.0
HAND_OVER_TIMEOUT = 0.7
LONGEST_TEXT = 20_000
"""Characters of an error's message, and of its traceback, that are stored. A message may hold a whole response."""

GRACE_WITH_SERVER = 1.0
"""Time in seconds for jobs in a server process: less than a background loop gets to end."""

TABLE, LOG = SCHEMA.qualified.queue_table, SCHEMA.qualified.queue_table_log
STARTS = f"""
    WITH entry AS (
        SELECT job_id, id, status, traceback,
            coalesce(max(id) FILTER (WHERE status = 'failed') OVER (PARTITION BY job_id), 0) AS held
        FROM {LOG} WHERE job_id = ANY($1)
    ), recent AS (
        SELECT *, min(id) FILTER (WHERE status = 'picked') OVER (PARTITION BY job_id) AS began
        FROM entry WHERE id > held
    )
    SELECT job_id,
        count(*) FILTER (WHERE status = 'picked')
        - count(*) FILTER (WHERE status = 'queued' AND traceback IS NULL AND id > began) AS starts
    FROM recent GROUP BY job_id
"""  # noqa: S608 - the names are ours
"""Number of starts of each job since it was enqueued or retried. PgQueuer counts failures, but no crash of a worker.

A line `queued` without an error, after the first start, means that the job was handed over. That is no attempt.
"""
HAND_OVER = f"""
    WITH handed AS (
        UPDATE {TABLE}
        SET status = 'queued', queue_manager_id = NULL, slot = NULL, execute_after = now(), updated = now()
        WHERE id = ANY($1) AND queue_manager_id = $2 AND status = 'picked' RETURNING id, entrypoint, priority
    )
    INSERT INTO {LOG} (job_id, status, entrypoint, priority) SELECT id, 'queued', entrypoint, priority FROM handed
"""  # noqa: S608
COUNTS = f"""
    SELECT entrypoint, status::text, count(*),
        extract(epoch FROM now() - min(execute_after) FILTER (WHERE status = 'queued'))::float AS age
    FROM {TABLE} GROUP BY entrypoint, status
"""  # noqa: S608
"""Statement that reads the whole queue. A job that is delayed, or retried later, has no age until it is due."""

REPORT_SHARE = 50
"""Factor between the time that counting takes and the pause after it, which is at most `REPORT_AT_LEAST_EVERY`."""

COUNTED = ("queued", "picked", "failed")
"""Statuses that are reported as 0 if there is no such job: alerts and graphs need a value."""

log = structlog.get_logger()


@dataclass
class CountingQueries(Queries):
    """PgQueuer's queries, which also count the starts of each job that they return."""

    driver: EngineDriver
    starts: dict[int, int] = field(default_factory=dict)

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[models.Job]:
        jobs = await super().dequeue(
            batch_size, entrypoints, queue_manager_id, global_concurrency_limit, heartbeat_timeout
        )
        if jobs:
            rows = await self.driver.fetch(STARTS, [job.id for job in jobs])
            self.starts |= {int(str(row["job_id"])): int(str(row["starts"])) for row in rows}
        return jobs

    async def log_jobs(self, job_status: list[tuple[models.Job, JOB_STATUS, models.TracebackRecord | None]]) -> None:
        """Wake the manager: finished jobs make room for others, which it would only see a tenth of a second later."""
        await super().log_jobs([(job, status, _storable(error)) for job, status, error in job_status])
        self.driver.wake()

    async def retry_job(
        self, job: models.Job, delay: timedelta, traceback_record: models.TracebackRecord | None
    ) -> None:
        await super().retry_job(job, delay, _storable(traceback_record))


def _storable(error: models.TracebackRecord | None) -> models.TracebackRecord | None:
    """Escape what PostgreSQL cannot store, such as NUL. Else no end of any job could be stored together with it."""
    if error is None:
        return None
    texts = {"exception_message": error.exception_message[:LONGEST_TEXT], "traceback": error.traceback[-LONGEST_TEXT:]}
    stored: dict[str, object] = {name: printable(text) for name, text in texts.items()}
    given = error.additional_context or {}
    stored["additional_context"] = {name: escaped(value) for name, value in given.items()}
    return error.model_copy(update=stored)


def queries(driver: EngineDriver) -> CountingQueries:
    return CountingQueries(
        driver, QueryBuilderEnvironment(SCHEMA), QueryQueueBuilder(SCHEMA), QuerySchedulerBuilder(SCHEMA)
    )


async def work(resources: Resources, stop: asyncio.Event, grace: float | None = None) -> bool:
    """Run jobs until `stop`. Return False if some had to be handed over: then the process must end at once."""
    settings = resources.settings[JobsSettings]
    engine = create_engine(resources.settings.database.model_copy(update={"pool_size": CONNECTIONS}))
    try:
        while True:
            driver = EngineDriver(engine, can_listen=not resources.settings.database.transaction_pooling)
            manager = _manager(resources, driver)
            running = asyncio.create_task(_run(manager, resources, settings), name="worker")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                driver.shutdown.set()
                manager.shutdown.set()
                done, _ = await asyncio.wait({running}, timeout=settings.grace if grace is None else grace)
                if not done:
                    driver.abandon()
                    await _hand_over(manager, engine)
                return bool(done)
            stopping.cancel()
            log.error("the worker failed, and starts again", exc_info=running.exception())
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_AFTER)
    finally:
        cut_off(engine)


async def work_with_server(resources: Resources) -> None:
    """Run a worker as a background loop of the server process, if the settings say so."""
    wanted = resources.settings[JobsSettings].with_server
    if not (resources.settings.environment == "development" if wanted is None else wanted):
        return
    stop = asyncio.Event()
    working = asyncio.create_task(work(resources, stop, GRACE_WITH_SERVER))
    try:
        await asyncio.shield(working)
    finally:
        stop.set()
        await working


def leave() -> None:
    """End this process without cancelling the jobs that still run: cancelled jobs would be lost."""
    sys.stdout.flush()
    os._exit(0)


def _manager(resources: Resources, driver: EngineDriver) -> QueueManager:
    counting = queries(driver)
    manager = QueueManager(counting, SCHEMA.channel)
    for job in resources.jobs:
        manager.register_executor(job.name, Executor(job, resources, counting.starts))
    return manager


async def _run(manager: QueueManager, resources: Resources, settings: JobsSettings) -> None:
    crons = asyncio.create_task(run_crons(resources, manager.shutdown))
    reports = asyncio.create_task(_report(manager, resources))
    try:
        await manager.run(
            dequeue_timeout=POLL,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            batch_size=min(BATCH, settings.concurrency // 2),
            max_concurrent_tasks=settings.concurrency,
            log_aggregation_interval=timedelta(),
        )
    finally:
        manager.shutdown.set()
        reports.cancel()
        await asyncio.gather(crons, reports, return_exceptions=True)


async def _report(manager: QueueManager, resources: Resources) -> None:
    while True:
        began = time.monotonic()
        rows = await manager.queries.driver.fetch(COUNTS)
        took = time.monotonic() - began
        counts = {(job.name, status): 0 for job in resources.jobs for status in COUNTED}
        counts |= {(str(row["entrypoint"]), str(row["status"])): int(str(row["count"])) for row in rows}
        ages = {job.name: 0.0 for job in resources.jobs}
        ages |= {str(row["entrypoint"]): max(float(str(row["age"])), 0.0) for row in rows if row["age"] is not None}
        resources.telemetry.count_jobs(counts)
        resources.telemetry.measure_wait(ages)
        await asyncio.sleep(min(max(REPORT_EVERY, took * REPORT_SHARE), REPORT_AT_LEAST_EVERY))


async def _hand_over(manager: QueueManager, engine: AsyncEngine) -> None:
    ids = [JobId(id_) for id_ in manager.job_context]
    log.warning("jobs that did not end in time are handed over", jobs=ids)
    driver = EngineDriver(engine, can_listen=False)
    driver.shutdown.set()
    await _attempt(driver.execute(HAND_OVER, ids, manager.queue_manager_id))


async def _attempt(asked: Awaitable[object]) -> None:
    """Hand over, or log the failure: without the database, the missed heartbeats let other workers find the jobs."""
    try:
        async with asyncio.timeout(HAND_OVER_TIMEOUT):
            await asked
    except Exception as error:  # noqa: BLE001
        log.warning("jobs could not be handed over, and start when their heartbeats are missed", error=repr(error))
