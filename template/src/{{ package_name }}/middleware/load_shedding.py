"""A process takes on only what it can finish in time, and says so soon to the rest."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problems import RETRY, respond
from .request_context import HEADER, request_id_of

EXEMPT = "/health/"
"""A busy process is alive: one that sheds its own probes would be restarted, and its load fall on the others."""

REPORT_AFTER = 1.0
"""Seconds over which refusals are counted for one line in the log. A line for each would cost more than refusing."""

REFUSALS_PER_SECOND = 200
"""Whoever is refused and comes back at once is refused again: this is how often, for all of them together. The rest of
the processor's time is for what was accepted."""

log = structlog.get_logger()


class LoadShedding:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) for what finds no place among `max_in_flight` in time.

    A request waits for its place for up to `queue_timeout` seconds, so a short burst is served. Refusals leave one
    after the other, so clients that come back at once cannot keep the processor busy with them.
    """

    def __init__(
        self, app: ASGIApp, *, max_in_flight: int, queue_timeout: float, on_shed: Callable[[], None] = lambda: None
    ) -> None:
        self._app = app
        self._places = asyncio.Semaphore(max_in_flight)
        self._queue_timeout = queue_timeout
        self._on_shed = on_shed
        self._shed = 0
        self._next_refusal = 0.0
        # Written once: whoever is refused should cost next to nothing.
        refusal = respond(None, 503, "Too many requests at once.", headers=RETRY)
        self._headers = refusal.raw_headers
        self._body: Message = {"type": "http.response.body", "body": refusal.body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
        elif await self._finds_a_place():
            try:
                await self._app(scope, receive, send)
            finally:
                self._places.release()
        else:
            await self._refuse(scope, send)

    async def _finds_a_place(self) -> bool:
        if not self._places.locked():
            return await self._places.acquire()
        try:
            async with asyncio.timeout(self._queue_timeout):
                return await self._places.acquire()
        except TimeoutError:
            return False

    async def _refuse(self, scope: Scope, send: Send) -> None:
        loop = asyncio.get_running_loop()
        if not self._shed:
            loop.call_later(REPORT_AFTER, self._report)
        self._shed += 1
        self._on_shed()
        now = loop.time()
        leaves = max(now, self._next_refusal)
        self._next_refusal = leaves + 1 / REFUSALS_PER_SECOND
        await asyncio.sleep(leaves - now)
        headers = [*self._headers, (HEADER, request_id_of(scope).encode())]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send(self._body)

    def _report(self) -> None:
        log.warning("too many requests at once", shed=self._shed)
        self._shed = 0
