"""Ranges: a range that a file does not have is answered with a problem. Starlette's `FileResponse` sends plain text."""

from collections.abc import Awaitable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problems import respond

REFUSED = {400, 416}
"""Statuses for a `Range` that is invalid, or that the file does not have."""


class Ranges:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or b"range" not in dict(scope["headers"]):
            return self._app(scope, receive, send)
        return self._with_range(scope, receive, send)

    async def _with_range(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused: Headers | None = None
        status = 0

        async def as_problem(message: Message) -> None:
            nonlocal refused, status
            if message["type"] == "http.response.start" and message["status"] in REFUSED:
                headers = Headers(raw=list(message["headers"]))
                if headers.get("content-type", "").startswith("text/plain"):
                    refused, status = headers, message["status"]
                    return
            if refused is None:
                await send(message)
            elif message["type"] == "http.response.body":
                kept = {"Content-Range": refused["content-range"]} if "content-range" in refused else {}
                detail = message.get("body", b"").decode() or None
                await respond(scope["path"], status, detail, headers=kept)(scope, receive, send)

        await self._app(scope, receive, as_problem)
