"""One identity and one line in the log for each request, and an answer even where the code is at fault."""

import re
import time

import structlog
import uuid_utils
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problems import respond

HEADER = b"x-request-id"
ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{8,64}").fullmatch
"""What a caller may name its request: enough for every common kind of id, too little for mischief in a log."""

log = structlog.get_logger()


class RequestContext:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = request_id_of(scope)
        status = 0

        async def identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id.encode())]
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, identified)
        except Exception:
            log.exception("a fault of this application")
            if status:
                raise  # too late for another answer: the server cuts the connection
            await respond(scope["path"], 500)(scope, receive, identified)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 2)
            log.info("request", method=scope["method"], path=scope["path"], status=status, milliseconds=milliseconds)
            structlog.contextvars.reset_contextvars(**bound)


def request_id_of(scope: Scope) -> str:
    """What the caller named its request, if that is fit for a log, or a new one."""
    given = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return given.decode() if ACCEPTED(given) else str(uuid_utils.uuid7())
