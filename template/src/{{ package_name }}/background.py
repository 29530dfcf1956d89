"""Background loops: coroutine functions of features that run as long as a serving process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog

from .resources import Resources

RESTART_AFTER = 1.0
"""Delay in seconds before a loop that has failed starts again."""

STOP_TIMEOUT = 2.0
"""Time in seconds that a loop gets to end after it is cancelled."""

type Loop = Callable[[Resources], Awaitable[Any]]

log = structlog.get_logger()


@asynccontextmanager
async def running(loops: tuple[Loop, ...], resources: Resources) -> AsyncIterator[None]:
    """Run the loops in the block. They are cancelled at its end, before the resources that they use are closed."""
    tasks = [asyncio.create_task(_keep_running(loop, resources), name=_name(loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_TIMEOUT)
            for task in late:
                log.warning("a background loop did not stop in time", loop=task.get_name(), seconds=STOP_TIMEOUT)


async def _keep_running(loop: Loop, resources: Resources) -> None:
    """Run a loop, and start it again each time that it fails. A loop that returns is not started again."""
    while True:
        try:
            await loop(resources)
        except Exception:
            log.exception("a background loop failed", loop=_name(loop), again_in_seconds=RESTART_AFTER)
            await asyncio.sleep(RESTART_AFTER)
        else:
            return


def _name(loop: Loop) -> str:
    return getattr(loop, "__qualname__", repr(loop))
