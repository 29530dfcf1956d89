"""The lifespan: resources opened in order, and closed in reverse, each within its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker

from . import background
from .cache import Cache
from .db.engine import create_engine, cut_off
from .db.reader import Reader, connect_from
from .db.transaction import Transaction
from .feature import Feature
from .pagination import Cursors
from .rate_limit import Limiter
from .redis_client import create_client, warm
from .resources import Resources
from .settings import Settings
from .telemetry import Telemetry

CLOSE_TIMEOUT = 1.0
"""Seconds a resource gets to close: a database that hangs must not keep the process alive."""

log = structlog.get_logger()


def lifespan(
    settings: Settings, features: Sequence[Feature], telemetry: Telemetry
) -> Callable[[FastAPI], AbstractAsyncContextManager[dict[str, object]]]:
    loops = tuple(loop for feature in features for loop in feature.background)

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with (
            open_resources(settings, features, telemetry) as resources,
            telemetry.observe(resources),
            background.running(loops, resources),
        ):
            yield {"resources": resources}

    return run


@asynccontextmanager
async def open_resources(
    settings: Settings, features: Sequence[Feature], telemetry: Telemetry
) -> AsyncIterator[Resources]:
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
        resources = Resources(
            settings=settings,
            engine=engine,
            probe=connect_from(probe),
            sessions=async_sessionmaker(engine, class_=Transaction, expire_on_commit=False, close_resets_only=False),
            reader=Reader(connect_from(engine)),
            redis=redis,
            cache=Cache(redis, settings.redis.cache_timeout),
            limiter=Limiter(redis),
            cursors=Cursors.from_secret(settings.secret_key),
            telemetry=telemetry,
            authenticate=tuple(feature.authenticate for feature in features if feature.authenticate),
            readiness=tuple(check for feature in features for check in feature.readiness),
        )
        for feature in features:
            for open_resource in feature.resources:
                opened = open_resource(resources)
                resource = await opened.__aenter__()
                stack.push_async_exit(partial(_leave, feature.name, opened))
                resources.add(resource)
        yield resources


async def _leave(name: str, opened: AbstractAsyncContextManager[object], *error: Any) -> None:  # noqa: ANN401 - as `__aexit__`
    await _close(name, partial(opened.__aexit__, *error))


async def _close(name: str, close: Callable[[], Awaitable[object]]) -> None:
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await close()
    except TimeoutError:
        log.warning("a resource did not close in time", resource=name, seconds=CLOSE_TIMEOUT)
