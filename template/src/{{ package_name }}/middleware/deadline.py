"""Deadline: no request is worked on for longer than a client waits for its response."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import RouteLimits
from ..problems import RETRY, respond

INTERVAL = 0.05
"""Interval in seconds between two checks for late requests. A timer for each request would cost 2 % of a read."""


class Deadline:
    """Respond 503 with `Retry-After` (RFC 9110, section 10.2.3) after the `request_timeout` of the route.

    The deadline ends when the response starts: a stream may take any time.
    """

    def __init__(self, app: ASGIApp, *, limits: RouteLimits) -> None:
        self._app = app
        self._limits = limits
        self._due: dict[asyncio.Timeout, float] = {}
        self._looking: asyncio.AbstractEventLoop | None = None
        """Event loop that checks. Tests may serve one application with several loops, one after the other."""

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
            late = message["type"] == "http.response.start" and self._due.pop(timeout, None) is None
            if late and not timeout.expired():
                timeout.reschedule(None)  # the response started just after the deadline, so it is sent
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
