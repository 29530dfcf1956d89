"""Body limit: no request body above it is read into memory, whether its length is declared or not.

FastAPI's own `max_body_size` responds in plain text, outside of all middleware. This one responds with a problem.
"""

from collections.abc import Awaitable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import RouteLimits
from ..problems import respond
from .request_body import has_body

TOO_LARGE = 413


class BodyLimit:
    def __init__(self, app: ASGIApp, *, limits: RouteLimits) -> None:
        self._app = app
        self._limits = limits

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or not has_body(scope):
            return self._app(scope, receive, send)
        return self._limited(scope, receive, send)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        max_bytes = self._limits.of(scope).max_body_bytes
        detail = f"The body is larger than {max_bytes} bytes."
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > max_bytes:
            await respond(scope["path"], TOO_LARGE, detail)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > max_bytes:
                raise HTTPException(TOO_LARGE, detail)
            return message

        await self._app(scope, counted, send)
