"""Load shedding: a process accepts only what it can finish in time, and refuses the rest early."""

import asyncio
import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import RouteLimits
from ..places import FULL, Place, Places
from ..problems import RETRY, respond
from .request_context import HEADER, request_id, request_id_of

EXEMPT = "/health/"
"""Prefix that is never refused: an orchestrator would restart a busy process, and its load would move to others."""

REPORT_AFTER = 1.0
"""Time in seconds over which refusals are counted for one log line. A line for each would cost more than refusing."""

REFUSALS_PER_SECOND = 100
"""Most refusals in a second on open connections. Clients that ignore `Retry-After` come back at once, so this limits
their cost. The rest of the processor's time is for the accepted requests."""

LONGEST_DELAY = 2.0
"""Longest delay of a refusal in seconds: clients give up, and a process that stops has to wait for it."""

ACCEPTED = "http.request.accepted"
"""ASGI extension of `server`: there was no overload when it accepted the connection of this request, its first."""

CLOSE = (b"connection", b"close")

COMPLETE = re.compile(
    rb"(?!HEAD )([A-Z]+) (/(?!health/)[^\r\n? ]*+)[^\r\n]*+\r\n"  # the request line, without backtracking
    rb"(?:(?!origin:|upgrade:|transfer-encoding:|content-length: *[1-9])[^\r\n]++\r\n)*+\r\n",  # headers, and no body
    re.IGNORECASE,
).fullmatch
"""Form of a request that can be refused unread: complete, no health check, no WebSocket, and without CORS headers."""

GIVEN_ID = re.compile(rb"\r\n" + HEADER + rb": *([^\r\n]*)\r\n", re.IGNORECASE).search

log = structlog.get_logger()


class LoadShedding:
    """Respond 503 with `Retry-After` (RFC 9110, section 10.2.3) to a request that gets no place in time.

    A request has its place from the arrival of its body to the start of its response. Refusals on open connections are
    sent one after the other, so clients that come back at once cannot keep the processor busy. At most `max_waiting`
    wait to be refused; a further one is refused at once, and its connection is closed.
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
        self._queue_timeout = queue_timeout
        self._on_shed = on_shed
        self._waiting = 0
        self._shed = 0
        self._next_refusal = 0.0
        # Built once: a refusal should cost almost nothing.
        refusal = respond(None, 503, "Too many requests at once.", headers=RETRY)
        self._headers = refusal.raw_headers
        self._body = bytes(refusal.body)
        lines = (b"%b: %b\r\n" % header for header in (*refusal.raw_headers, *headers, CLOSE))
        self._early = b"HTTP/1.1 503 Service Unavailable\r\n" + b"".join(lines) + HEADER + b": "

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope.get("state", {})["load_shedding"] = self  # `server` reads it there
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")).startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        place = Place(self._places)
        share = 1.0 if ACCEPTED in scope.get("extensions", ()) else FULL
        if not await place.take(self._limits.of(scope).queue_timeout, share):
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
        """Return the whole response to a request that was not read yet; `None` if it has to be read first."""
        complete = COMPLETE(request)
        if not complete or self._may_wait_longer(*complete.groups()):
            return None
        self._count()
        given = GIVEN_ID(request)
        return self._early + request_id(given[1] if given else b"").encode() + b"\r\n\r\n" + self._body

    def _may_wait_longer(self, method: bytes, path: bytes) -> bool:
        scope = {"method": method.decode(), "path": unquote(path.decode("latin-1"))}
        return self._limits.of(scope).queue_timeout > self._queue_timeout

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
