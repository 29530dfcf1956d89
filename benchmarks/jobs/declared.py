"""Jobs of the benchmark, and the project's modules, which only its own Python has."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from importlib import import_module
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text


def of(module: str) -> Any:  # noqa: ANN401 - a module that only the project has
    return import_module(f"{os.environ['PACKAGE']}.{module}")


def development(module: str = "") -> Any:  # noqa: ANN401 - as above, of the package beside it
    return import_module(f"{os.environ['PACKAGE']}_dev" + (f".{module}" if module else ""))


Job, Cron, Context = of("jobs.job").Job, of("jobs.job").Cron, of("jobs.job").Context
Jobs, transaction = of("jobs.queue").Jobs, of("db.transaction").transaction


SETUP = (
    """
    CREATE TABLE runs (
        id bigserial PRIMARY KEY, what text, key text, pid int, at timestamptz DEFAULT clock_timestamp()
    )
    """,
    "CREATE TABLE business (key text PRIMARY KEY, has_job boolean)",
)


@asynccontextmanager
async def opened() -> AsyncIterator[Any]:
    features = of("features")
    async with features.open_app(features.settings_class()()) as resources:
        yield resources


async def prepare(resources: Any) -> None:  # noqa: ANN401
    for statement in SETUP:
        async with transaction(resources) as tx:
            await tx.execute(text(statement))


class Note(BaseModel):
    key: str = ""
    seconds: float = 0


class Later(BaseModel):
    """`Note` of a newer version."""

    key: int


async def note(context: Any, what: str, key: str) -> None:  # noqa: ANN401
    async with transaction(context.resources) as tx:
        run = {"what": what, "key": key, "pid": os.getpid()}
        await tx.execute(text("INSERT INTO runs (what, key, pid) VALUES (:what, :key, :pid)"), run)


async def run_sleep(given: Note, context: Any) -> None:  # noqa: ANN401
    await note(context, "start", given.key)
    await asyncio.sleep(given.seconds)
    await note(context, "end", given.key)


async def run_crash(given: Note, context: Any) -> None:  # noqa: ANN401
    await note(context, "start", given.key)
    os.kill(os.getpid(), signal.SIGKILL)


async def run_block(given: Note, context: Any) -> None:  # noqa: ANN401
    await note(context, "start", given.key)
    time.sleep(given.seconds)  # noqa: ASYNC251 - that is the fault
    await note(context, "end", given.key)


async def run_ignore(given: Note, context: Any) -> None:  # noqa: ANN401
    await note(context, "start", given.key)
    until = time.monotonic() + given.seconds
    while (left := until - time.monotonic()) > 0:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(left)


async def run_nothing(_: Note, __: Any) -> None: ...  # noqa: ANN401


sleep = Job("bench.sleep", Note, run_sleep)
crash = Job("bench.crash", Note, run_crash, attempts=3)
block = Job("bench.block", Note, run_block)
ignore = Job("bench.ignore", Note, run_ignore, attempts=2, timeout=timedelta(seconds=1))
misfit = Job("bench.misfit", Later, run_nothing)
nothing = Job("bench.nothing", Note, run_nothing)
tick = Job("bench.tick", Note, run_sleep)


def declare() -> None:
    crons = (Cron("* * * * * *", tick, Note(key="tick")),) if os.environ.get("CRON") else ()
    jobs = (sleep, crash, block, ignore, misfit, nothing, tick)
    of("project").FEATURES = (of("feature").Feature("bench", jobs=jobs, crons=crons),)
