"""What lives as long as the process: opened in order, closed in reverse, each within its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker

from .db.engine import create_engine, cut_off
from .db.reader import Reader, connect_from
from .pagination import Cursors
from .redis.cache import Cache
from .redis.client import create_client, warm
from .redis.rate_limit import Limiter
from .settings import Settings
from .state import State
from .telemetry import Telemetry

CLOSE_TIMEOUT = 1.0
"""Seconds a resource gets to close: a database that hangs must not keep the process alive."""

log = structlog.get_logger()


def lifespan(
    settings: Settings, telemetry: Telemetry
) -> Callable[[FastAPI], AbstractAsyncContextManager[dict[str, object]]]:
    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with open_state(settings) as state, telemetry.observe(state):
            yield vars(state)

    return run


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncIterator[State]:
    async with AsyncExitStack() as stack:
        engine = create_engine(settings.database)
        probe = create_engine(settings.database.model_copy(update={"pool_size": 1}))
        for each in (engine, probe):
            stack.callback(cut_off, each)
        stack.push_async_callback(_close, "database", engine.dispose)
        stack.push_async_callback(_close, "probe", probe.dispose)
        redis = create_client(settings.redis)
        stack.push_async_callback(_close, "redis", redis.aclose)
        await warm(redis)
        yield State(
            settings=settings,
            engine=engine,
            probe=connect_from(probe),
            sessions=async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False),
            reader=Reader(connect_from(engine)),
            redis=redis,
            cache=Cache(redis, settings.redis.cache_timeout),
            limiter=Limiter(redis),
            cursors=Cursors(settings.secret_key),
        )


async def _close(name: str, close: Callable[[], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await close()
    except TimeoutError:
        log.warning("a resource did not close in time", resource=name, seconds=CLOSE_TIMEOUT)
