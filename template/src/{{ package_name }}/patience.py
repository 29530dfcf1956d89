"""A timeout for a busy process: time in which the event loop was held up does not count.

`asyncio.timeout` goes by the clock. Where the loop could not run for that long, it expires although the answer has
arrived, and has only not been read. So here time is counted in small parts, and the loop runs between any two of them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PARTS = 20
"""Of a timeout. However long the loop was held up, it counts as two of them."""


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Raise `TimeoutError` after so many seconds in which the event loop ran."""
    loop = asyncio.get_running_loop()
    part, left, since = seconds / PARTS, seconds, loop.time()
    timer: asyncio.TimerHandle

    def count() -> None:
        nonlocal left, since, timer
        now = loop.time()
        left, since = left - min(now - since, 2 * part), now
        if left > 0:
            timer = loop.call_later(part, count)
        else:
            timeout.reschedule(now)

    timer = loop.call_later(part, count)
    try:
        async with asyncio.timeout(None) as timeout:
            yield
    finally:
        timer.cancel()
