"""No request is worked on for longer than anyone waits for its answer."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problems import RETRY, respond


class Deadline:
    """503 with `Retry-After` (RFC 9110, section 10.2.3) after so many seconds.

    They are those until the response starts: what streams afterwards may take as long as it likes.
    """

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        timeout = asyncio.timeout(self._seconds)

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
