"""Timeout for a busy process: time in which the event loop was blocked does not count.

`asyncio.timeout` uses the clock. If the loop was blocked for that long, it expires even if the answer has arrived and
has only not been read yet. So this timeout counts time in small parts, and the loop runs between any two of them.
"""

import asyncio
from types import TracebackType

PARTS = 20
"""Parts of a timeout. A blocked event loop uses at most two of them, however long it is blocked."""


class patience:  # noqa: N801 - used as `asyncio.timeout` is
    """Raise `TimeoutError` after this time in seconds, in which the event loop ran."""

    # Not a generator with `asynccontextmanager`: each command to Redis uses this, and that costs three times as much.

    def __init__(self, seconds: float) -> None:
        self._part, self._left = seconds / PARTS, seconds
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._timer = self._loop.call_later(self._part, self._count)
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        await self._timeout.__aexit__(kind, error, traceback)

    def _count(self) -> None:
        now = self._loop.time()
        self._left, self._since = self._left - min(now - self._since, 2 * self._part), now
        if self._left > 0:
            self._timer = self._loop.call_later(self._part, self._count)
        else:
            self._timeout.reschedule(now)
