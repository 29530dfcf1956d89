"""HEAD wherever GET is allowed (RFC 9110, section 9.3.2). FastAPI routes only the methods that a route names."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Answer HEAD as GET is answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        complete = False

        async def without_body(message: Message) -> None:
            nonlocal complete
            if message["type"] == "http.response.start":
                await send(message)
            elif not complete:  # the first part of a body ends the response, so that no stream is sent to nobody
                complete = True
                await send({"type": "http.response.body"})

        await self._app({**scope, "method": "GET"}, receive, without_body)
