"""A process takes on only what it can finish in time, and says so at once to the rest."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problems import RETRY, respond

EXEMPT = "/health/"
"""A busy process is alive: one that sheds its own probes would be restarted, and its load fall on the others."""


class Overload:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) beyond `max_in_flight` requests, or after `timeout` seconds.

    The time is that until the response starts: what streams afterwards may take as long as it likes.
    """

    def __init__(self, app: ASGIApp, *, max_in_flight: int, timeout: float) -> None:
        self._app = app
        self._max_in_flight = max_in_flight
        self._timeout = timeout
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
        elif self._in_flight >= self._max_in_flight:
            await respond(scope["path"], 503, "Too many requests at once.", headers=RETRY)(scope, receive, send)
        else:
            self._in_flight += 1
            try:
                await self._within_time(scope, receive, send)
            finally:
                self._in_flight -= 1

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        timeout = asyncio.timeout(self._timeout)

        async def started(message: Message) -> None:
            if message["type"] == "http.response.start":
                timeout.reschedule(None)
            await send(message)

        try:
            async with timeout:
                await self._app(scope, receive, started)
        except TimeoutError:
            if not timeout.expired():
                raise
            await respond(scope["path"], 503, "It took too long.", headers=RETRY)(scope, receive, send)
