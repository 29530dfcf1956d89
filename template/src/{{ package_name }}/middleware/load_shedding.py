"""A process takes on only what it can finish in time, and says so soon to the rest."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problems import RETRY, respond
from .request_context import HEADER, request_id_of

EXEMPT = "/health/"
"""A busy process is alive: one that sheds its own probes would be restarted, and its load fall on the others."""

REPORT_AFTER = 1.0
"""Seconds over which refusals are counted for one line in the log. A line for each would cost more than refusing."""

REFUSALS_PER_SECOND = 100
"""Whoever is refused and comes back at once is refused again: this is how often, for all of them together. The rest of
the processor's time is for what was accepted."""

LONGEST_DELAY = 2.0
"""Seconds after which a refusal leaves all the same: clients give up, and a process that is to end waits for it."""

CLOSE = (b"connection", b"close")

log = structlog.get_logger()


class LoadShedding:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) for what finds no place among `max_in_flight` in time.

    A request waits for its place for up to `queue_timeout` seconds, so a short burst is served. Refusals leave one
    after the other, so clients that come back at once cannot keep the processor busy with them. No more than
    `max_waiting` wait, be it for a place or to be refused: the next is refused at once, and nothing of it is kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_in_flight: int,
        max_waiting: int,
        queue_timeout: float,
        on_shed: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._places = asyncio.Semaphore(max_in_flight)
        self._max_waiting = max_waiting
        self._queue_timeout = queue_timeout
        self._on_shed = on_shed
        self._waiting = 0
        self._shed = 0
        self._next_refusal = 0.0
        # Written once: whoever is refused should cost next to nothing.
        refusal = respond(None, 503, "Too many requests at once.", headers=RETRY)
        self._headers = refusal.raw_headers
        self._body: Message = {"type": "http.response.body", "body": refusal.body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
        elif self._places.locked() and self._waiting >= self._max_waiting:
            await self._refuse(scope, send, CLOSE)
        elif await self._finds_a_place():
            try:
                await self._app(scope, receive, send)
            finally:
                self._places.release()
        else:
            await self._refuse(scope, send)

    async def _finds_a_place(self) -> bool:
        """Soon, if there is one; if none becomes free in time, when the turn has come to say so."""
        if not self._places.locked():
            return await self._places.acquire()
        self._waiting += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._queue_timeout):
                    return await self._places.acquire()
            await self._turn_to_be_refused()
            return False
        finally:
            self._waiting -= 1

    async def _turn_to_be_refused(self) -> None:
        now = asyncio.get_running_loop().time()
        leaves = min(max(now, self._next_refusal), now + LONGEST_DELAY)
        self._next_refusal = leaves + 1 / REFUSALS_PER_SECOND
        await asyncio.sleep(leaves - now)

    async def _refuse(self, scope: Scope, send: Send, *more: tuple[bytes, bytes]) -> None:
        if not self._shed:
            asyncio.get_running_loop().call_later(REPORT_AFTER, self._report)
        self._shed += 1
        self._on_shed()
        headers = [*self._headers, (HEADER, request_id_of(scope).encode()), *more]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send(self._body)

    def _report(self) -> None:
        log.warning("too many requests at once", shed=self._shed)
        self._shed = 0
