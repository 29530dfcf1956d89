"""No request is worked on for longer than anyone waits for its answer."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import RouteLimits
from ..problems import RETRY, respond


class Deadline:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) after the `request_timeout` of the route.

    It ends when the response starts: a stream may last as long as it likes.
    """

    def __init__(self, app: ASGIApp, *, limits: RouteLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        timeout = asyncio.timeout(self._limits.of(scope).request_timeout)

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
