"""Executor: runs one attempt of one job within its limits, and decides what happens after it."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import structlog
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain import models
from pgqueuer.errors import RetryRequested
from pydantic import BaseModel, ValidationError

from ..principal import ANONYMOUS, Principal
from ..resources import Resources
from .job import Context, GiveUpError, Job

UNWIND = 2.0
"""Time in seconds that a job gets to end after its timeout has cancelled it."""

log = structlog.get_logger()


class PayloadError(Exception):
    """The payload does not fit the job's model: it is from a newer or an older version."""


class WorkersDiedError(Exception):
    """Too many workers died while they ran the job: it has no attempts left."""


class Executor(AbstractEntrypointExecutor):
    """Executor of a job. With `RetryRequested` the job waits for its next attempt; any other error makes it dead."""

    def __init__(self, job: Job[Any], resources: Resources, starts: dict[int, int]) -> None:
        async def unused(_: models.Job) -> None: ...

        super().__init__(EntrypointExecutorParameters(job.concurrency, unused, on_failure="hold"))
        self._job = job
        self._resources = resources
        self._starts = starts

    async def execute(self, job: models.Job, context: models.Context) -> None:
        headers = job.headers or {}
        given = Context(self._resources, job.id, self._starts.pop(job.id, 1), principal_of(headers))
        told = {"job": self._job.name, "job_id": job.id, "request_id": headers.get("request_id")}
        told |= {"principal": None if given.principal.is_anonymous else str(given.principal)}
        # For each line that is logged in the task of this job.
        structlog.contextvars.bind_contextvars(**{name: value for name, value in told.items() if value is not None})
        began = time.perf_counter()
        outcome = "done"
        try:
            with self._resources.telemetry.job(self._job.name, _trace(headers)):
                await self._attempt(job, context, given)
            if context.cancellation.cancel_called:
                outcome = "canceled"
        except RetryRequested as retry:
            outcome = f"again in {retry.delay.total_seconds():.1f} s"
            raise
        except BaseException:
            outcome = "canceled" if context.cancellation.cancel_called else "dead"
            raise
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 2)
            log.info("job", attempt=given.attempt, outcome=outcome, milliseconds=milliseconds)

    async def _attempt(self, job: models.Job, control: models.Context, context: Context) -> None:
        if context.attempt > self._job.attempts:
            raise WorkersDiedError(f"given up: {context.attempt - 1} workers did not survive this job")
        payload = self._read(job.payload)
        try:
            with control.cancellation:
                await _bounded(self._job.run(payload, context), self._job.timeout.total_seconds())
        except (Exception, asyncio.CancelledError) as error:
            # A cancellation that the job itself caused must not look like `jobs cancel`.
            if isinstance(error, asyncio.CancelledError) and control.cancellation.cancel_called:
                raise
            if context.attempt >= self._job.attempts or isinstance(error, GiveUpError):
                raise (error if isinstance(error, Exception) else RuntimeError("the job was cancelled")) from error
            log.warning("a job failed, and is tried again", exc_info=error)
            raise RetryRequested(delay=self._job.pause(context.attempt), reason=repr(error)) from error

    def _read(self, payload: bytes | None) -> BaseModel:
        """Read the payload. An invalid one makes the job dead: a later version may read it, after `jobs retry`."""
        try:
            found: BaseModel = self._job.payload.model_validate_json(payload or b"{}")
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in details)
            name = self._job.payload.__name__
            raise PayloadError(f"the payload is no {name} of this version: {problems}") from None
        return found


async def _bounded(work: Awaitable[None], seconds: float) -> None:
    """Run the work in its own task, which is left behind if it ignores its cancellation."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=UNWIND)
    if not done:
        how = "" if task.done() else ", and goes on although it is cancelled"
        raise TimeoutError(f"it took longer than {seconds:g} s{how}")
    task.result()


def _trace(headers: dict[str, Any]) -> dict[str, str]:
    trace = headers.get("trace")
    return trace if isinstance(trace, dict) else {}


def principal_of(headers: dict[str, Any]) -> Principal:
    match headers.get("principal"):
        case {"kind": str(kind), "id": str(id_), "scopes": list(scopes)} if kind != ANONYMOUS.kind:
            return Principal(kind, id_, frozenset(map(str, scopes)))
        case _:
            return ANONYMOUS
