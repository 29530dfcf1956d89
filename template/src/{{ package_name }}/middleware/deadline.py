"""No request is worked on for longer than anyone waits for its answer."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import RouteLimits
from ..problems import RETRY, respond

INTERVAL = 0.05
"""Seconds between two looks at which requests are late. A timer for each request would cost a fiftieth of a read."""


class Deadline:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) after the `request_timeout` of the route.

    It ends when the response starts: a stream may last as long as it likes.
    """

    def __init__(self, app: ASGIApp, *, limits: RouteLimits) -> None:
        self._app = app
        self._limits = limits
        self._due: dict[asyncio.Timeout, float] = {}
        self._looking: asyncio.AbstractEventLoop | None = None
        """The loop that looks. Tests may serve one application with several loops, one after the other."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        timeout = asyncio.timeout(None)
        self._due[timeout] = loop.time() + self._limits.of(scope).request_timeout
        if self._looking is not loop:
            self._looking = loop
            loop.call_later(INTERVAL, self._look)

        async def started(message: Message) -> None:
            if message["type"] == "http.response.start" and self._due.pop(timeout, None) is None:
                timeout.reschedule(None)  # it was late by a moment
            await send(message)

        try:
            async with timeout:
                await self._app(scope, receive, started)
        except TimeoutError:
            if not timeout.expired():
                raise
            await respond(scope["path"], 503, "It took too long.", headers=RETRY)(scope, receive, send)
        finally:
            self._due.pop(timeout, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for timeout in [timeout for timeout, due in self._due.items() if due <= now]:
            del self._due[timeout]
            timeout.reschedule(now)
        self._looking = loop if self._due else None
        if self._due:
            loop.call_later(INTERVAL, self._look)
