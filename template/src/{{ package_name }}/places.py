"""Places: a limit of the requests that a process works on at once, and the queue of those that wait."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

LATE = 0.85
"""Share of its time that a request may wait. The rest is a reserve."""

FULL = 0.9
"""Share of the queue, in number and in time, that makes an overload. The rest is for requests whose connections were
accepted just before: to refuse these costs nearly as much as to serve them."""

SMOOTHING = 1 / 64


class Places:
    """Places for `size` requests at once; at most `max_waiting` more wait for one."""

    def __init__(self, size: int, *, max_waiting: int, queue_timeout: float) -> None:
        self._free = size
        self._max_waiting = max_waiting
        self._queue_timeout = queue_timeout
        self._queue: OrderedDict[asyncio.Future[bool], float] = OrderedDict()  # a `dict` is slow to find its first item
        """Requests that wait, the oldest first, each with the time when its wait began."""
        self._interval = 0.0
        """Mean interval in seconds between two places that are given back while requests wait."""
        self._given_back_at: float | None = None
        self._draining = False

    def overloaded(self, arriving: int = 0, share: float = FULL, seconds: float | None = None) -> bool:
        """Check whether a new request would wait in vain: for too many others, or too long.

        So the queue always has work, and none of it is old (as with CoDel, RFC 8289). `arriving`: requests that were
        accepted and are not in the queue yet. `share`: the share of the queue, in number and in time, that it may use.
        `seconds`: the longest time that it may wait, if it is not that of the settings.
        """
        if not self._queue or self._draining:
            return False
        waiting = len(self._queue) + arriving
        longest_wait = share * LATE * (self._queue_timeout if seconds is None else seconds)
        first_since = next(iter(self._queue.values()))
        return (
            waiting >= share * self._max_waiting
            or waiting * self._interval > longest_wait
            or time.monotonic() - first_since > longest_wait
        )

    async def take(self, seconds: float | None, share: float = FULL) -> bool:
        """Take a place: True if one was free in time. Without a limit in seconds, this waits until there is one."""
        if self._free:
            self._free -= 1
            return True
        if seconds is None or self._draining:
            return await self._wait(math.inf)
        return not self.overloaded(share=share, seconds=seconds) and await self._wait(seconds)

    async def _wait(self, seconds: float) -> bool:
        # Not a semaphore, and not `asyncio.timeout`: under load every request waits here, and they cost a tenth of it.
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_later(seconds, _give_up, waiter) if seconds < math.inf else None
        self._queue[waiter] = time.monotonic()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result():  # it got a place at the same moment
                self.give_back()
            raise
        finally:
            self._queue.pop(waiter, None)
            if timer:
                timer.cancel()

    def drain(self) -> None:
        """Accept everything from now on: the process is stopping, gets no new requests, and has its own time limit."""
        self._draining = True

    def give_back(self) -> None:
        now = time.monotonic() if self._queue else None
        if now and self._given_back_at:
            self._interval += SMOOTHING * (now - self._given_back_at - self._interval)
        self._given_back_at = now
        while self._queue:
            waiter, _ = self._queue.popitem(last=False)
            if not waiter.done():
                waiter.set_result(True)
                return
        self._free += 1


def _give_up(waiter: asyncio.Future[bool]) -> None:
    if not waiter.done():
        waiter.set_result(False)


class Place:
    """Place of one request. It is given back as soon as the request does no more work."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._taken = False

    async def take(self, seconds: float | None, share: float = FULL) -> bool:
        self._taken = await self._places.take(seconds, share)
        if self._taken:
            CURRENT.set(self)
        return self._taken

    def give_back(self) -> bool:
        """Return True if the place was taken."""
        was_taken, self._taken = self._taken, False
        if was_taken:
            self._places.give_back()
        return was_taken


CURRENT: ContextVar[Place | None] = ContextVar("place", default=None)


@asynccontextmanager
async def waiting() -> AsyncIterator[None]:
    """Give the place back while the block waits for something else, such as a slow client or another request.

    The block must hold nothing that others need, such as a connection of the pool.
    """
    place = CURRENT.get()
    lent = place.give_back() if place else False
    yield
    if place and lent:
        await place.take(None)  # the request's own deadline limits this wait
