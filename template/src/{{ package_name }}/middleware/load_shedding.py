"""A process takes on only what it can finish in time, and refuses the rest early."""

import asyncio
import re
from collections.abc import Callable, Sequence

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import RouteLimits
from ..places import Place, Places
from ..problems import RETRY, respond
from .request_context import HEADER, request_id, request_id_of

EXEMPT = "/health/"
"""A busy process is alive: one that refused its own probes would be restarted, and its load go to the others."""

REPORT_AFTER = 1.0
"""Seconds over which refusals are counted for one line in the log. A line for each would cost more than refusing."""

REFUSALS_PER_SECOND = 100
"""Clients that do not respect `Retry-After` ask again at once, and are refused again: so often, all of them together.
The rest of the processor's time is for the requests that were accepted."""

LONGEST_DELAY = 2.0
"""Seconds after which a refusal is sent in any case: clients give up, and a process that stops waits for it."""

CLOSE = (b"connection", b"close")

COMPLETE = re.compile(
    rb"(?!HEAD )[A-Z]+ (?!/health/)[^\r\n]+\r\n"  # the request line
    rb"(?:(?!origin:|transfer-encoding:|content-length: *[1-9])[^\r\n]+\r\n)*\r\n",  # headers, and then no body
    re.IGNORECASE,
).fullmatch
"""A request that can be refused unread: all of it is there, and it is neither a health check nor one of CORS."""

GIVEN_ID = re.compile(rb"\r\n" + HEADER + rb": *([^\r\n]*)\r\n", re.IGNORECASE).search

log = structlog.get_logger()


class LoadShedding:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) for a request that finds no place in time.

    A request has its place from when its body is in until its response starts. Refusals on kept connections leave one
    after the other, so clients that ask again at once cannot keep the processor busy. At most `max_waiting` wait to be
    refused; the next is refused at once, and its connection closed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: RouteLimits,
        max_in_flight: int,
        max_waiting: int,
        queue_timeout: float,
        headers: Sequence[tuple[bytes, bytes]] = (),
        on_shed: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._limits = limits
        self._places = Places(max_in_flight, max_waiting=max_waiting, queue_timeout=queue_timeout)
        self._max_waiting = max_waiting
        self._on_shed = on_shed
        self._waiting = 0
        self._shed = 0
        self._next_refusal = 0.0
        # Written once: a refusal should cost next to nothing.
        refusal = respond(None, 503, "Too many requests at once.", headers=RETRY)
        self._headers = refusal.raw_headers
        self._body = bytes(refusal.body)
        lines = (b"%b: %b\r\n" % header for header in (*refusal.raw_headers, *headers, CLOSE))
        self._early = b"HTTP/1.1 503 Service Unavailable\r\n" + b"".join(lines) + HEADER + b": "

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope.get("state", {})["load_shedding"] = self  # where `server` finds it
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")).startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        place = Place(self._places)
        if not await place.take(self._limits.of(scope).queue_timeout):
            await self._refuse(scope, send)
            return

        async def started(message: Message) -> None:
            place.give_back()
            await send(message)

        try:
            await self._app(scope, receive, started)
        finally:
            place.give_back()

    def overloaded(self, arriving: int) -> bool:
        return self._places.overloaded(arriving)

    def early_refusal(self, request: bytes) -> bytes | None:
        """The whole response to a request that no one has read yet; nothing, if it has to be read first."""
        if not COMPLETE(request):
            return None
        self._count()
        given = GIVEN_ID(request)
        return self._early + request_id(given[1] if given else b"").encode() + b"\r\n\r\n" + self._body

    def drain(self) -> None:
        self._places.drain()

    async def _refuse(self, scope: Scope, send: Send) -> None:
        self._count()
        headers = [*self._headers, (HEADER, request_id_of(scope).encode())]
        if self._waiting < self._max_waiting:
            await self._turn_to_be_refused()
        else:
            headers.append(CLOSE)
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})

    async def _turn_to_be_refused(self) -> None:
        now = asyncio.get_running_loop().time()
        leaves = min(max(now, self._next_refusal), now + LONGEST_DELAY)
        self._next_refusal = leaves + 1 / REFUSALS_PER_SECOND
        self._waiting += 1
        try:
            await asyncio.sleep(leaves - now)
        finally:
            self._waiting -= 1

    def _count(self) -> None:
        if not self._shed:
            asyncio.get_running_loop().call_later(REPORT_AFTER, self._report)
        self._shed += 1
        self._on_shed()

    def _report(self) -> None:
        log.warning("too many requests at once", shed=self._shed)
        self._shed = 0
