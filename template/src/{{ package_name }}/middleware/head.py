"""HEAD for every route with GET (RFC 9110, section 9.3.2). FastAPI routes only the methods that a route names."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Respond to HEAD as to GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return self._app(scope, receive, send)
        return self._without_body(scope, receive, send)

    async def _without_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        complete = False

        async def without_body(message: Message) -> None:
            nonlocal complete
            if message["type"] == "http.response.start":
                await send(message)
            elif not complete:  # the first part of a body ends the response, so that no stream runs without a reader
                complete = True
                await send({"type": "http.response.body"})

        await self._app({**scope, "method": "GET"}, receive, without_body)
