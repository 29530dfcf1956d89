"""Ranges of files, as in RFC 9110, section 14.2, where Starlette's `FileResponse` differs.

A range that a file does not have is answered with a problem, not with plain text. A range of another unit than bytes,
or of a request that is not a GET, is ignored.
"""

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
        if scope["type"] != "http" or (given := dict(scope["headers"]).get(b"range")) is None:
            return self._app(scope, receive, send)
        if scope["method"] != "GET" or not given.lower().startswith(b"bytes="):
            headers = [header for header in scope["headers"] if header[0] != b"range"]
            return self._app({**scope, "headers": headers}, receive, send)
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
