"""Request bodies: read before the request waits for a place, so that a slow sender takes no place from others."""

import asyncio
from collections import deque
from collections.abc import Awaitable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import places
from ..limits import RouteLimits
from ..problems import RETRY, respond
from .request_context import HEADER, request_id_of

BUFFER = 1024 * 1024
"""Size in bytes of the part of a body that is read ahead. The route reads the rest of a larger one, part by part."""

CHUNKED = b"chunked"

log = structlog.get_logger()


class RequestBody:
    """Respond 408 for a body that does not arrive within the route's time, 503 for too many at once.

    501: the body has a further transfer coding, as in `gzip, chunked` (RFC 9112, section 6.1).
    """

    def __init__(self, app: ASGIApp, *, limits: RouteLimits, max_reading: int) -> None:
        self._app = app
        self._limits = limits
        self._max_reading = max_reading
        self._reading = 0

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or not has_body(scope):
            return self._app(scope, receive, send)
        if dict(scope["headers"]).get(b"transfer-encoding", CHUNKED).lower() != CHUNKED:
            return refusal(scope, 501, "The one transfer coding is chunked.")(scope, receive, send)
        if self._reading >= self._max_reading:
            return refusal(scope, 503, "Too many request bodies at once.", RETRY)(scope, receive, send)
        return self._with_body(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._reading += 1
        try:
            async with asyncio.timeout(self._limits.of(scope).request_timeout):
                ahead = await read_ahead(receive)
        except TimeoutError:
            await refusal(scope, 408, "The body did not arrive in time.")(scope, receive, send)
            return
        finally:
            self._reading -= 1
        if ahead[-1]["type"] == "http.request":  # else the client has disconnected
            await self._app(scope, replay(ahead, receive), send)


def has_body(scope: Scope) -> bool:
    """Check whether the request has a body: one of these two headers says so (RFC 9112, section 6)."""
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


async def read_ahead(receive: Receive) -> deque[Message]:
    messages: deque[Message] = deque()
    size = 0
    while size < BUFFER:
        messages.append(message := await receive())
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return messages


def replay(ahead: deque[Message], receive: Receive) -> Receive:
    last = ahead[-1]

    async def replay() -> Message:
        nonlocal last
        if ahead:
            return ahead.popleft()
        if not last.get("more_body", False):
            return await receive()
        async with places.waiting():
            last = await receive()
        return last

    return replay


def refusal(scope: Scope, status: int, detail: str, headers: dict[str, str] | None = None) -> ASGIApp:
    """Return the response. It is logged here, because the request never reaches `RequestContext`."""
    request_id = request_id_of(scope)
    method = scope.get("method", "WEBSOCKET")
    log.info("request", method=method, path=scope["path"], status=status, request_id=request_id)
    headers = {**(headers or {}), HEADER.decode(): request_id, "Connection": "close"}
    return respond(scope["path"], status, detail, headers=headers)
