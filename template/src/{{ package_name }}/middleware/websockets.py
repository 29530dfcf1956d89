"""WebSockets: the origins that may open one, and the number that are open at once."""

from collections.abc import Awaitable, Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..addresses import is_same_origin
from ..problems import RETRY, respond


class WebSockets:
    """Respond 403 to a page of another origin, 503 to too many at once.

    A browser lets every page open a WebSocket to every server, with the cookies of that server. `Origin` names the page
    (RFC 6455, section 10.2; ASVS 5.0, 4.4.2). Programs other than browsers send no `Origin`.
    """

    def __init__(self, app: ASGIApp, *, origins: Collection[str], max_open: int) -> None:
        self._app = app
        self._origins = origins
        self._max_open = max_open
        self._open = 0

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "websocket":
            return self._app(scope, receive, send)
        if not self._may_open(Headers(scope=scope)):
            return respond(scope["path"], 403, "This origin may not open a WebSocket.")(scope, receive, send)
        if self._open >= self._max_open:
            return respond(scope["path"], 503, "Too many WebSockets are open.", headers=RETRY)(scope, receive, send)
        return self._opened(scope, receive, send)

    async def _opened(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open += 1
        answered = False

        async def as_problem(message: Message) -> None:
            nonlocal answered
            if message["type"] == "websocket.close" and not answered:  # ASGI: a refusal, which has no body of its own
                await respond(scope["path"], 403)(scope, receive, send)
                return
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, as_problem)
        finally:
            self._open -= 1

    def _may_open(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        scheme, host = origin.partition(":")[0], headers.get("host")  # if a proxy ends TLS, our own scheme is not known
        return bool(host) and is_same_origin(origin, f"{scheme}://{host}")
