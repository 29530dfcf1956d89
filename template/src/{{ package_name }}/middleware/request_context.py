"""Request context: one id and one log line for each request, and a response even if the code is at fault."""

import asyncio
import re
import time

import structlog
import uuid_utils
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import logs
from ..problems import RETRY, respond
from .security_headers import EXTENSION

HEADER = b"x-request-id"
ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{8,64}").fullmatch
"""Form of an id from the client: it allows every common kind of id, and nothing that could forge a log line."""

STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
STATUS = dict.fromkeys(STARTS, 101) | {"websocket.close": 403}
"""Messages that decide the status, each with the status if it has none itself."""

INTERNAL_ERROR = 1011
"""Code with which a WebSocket is closed (RFC 6455, section 7.4.1)."""

log = structlog.get_logger()


class RequestContext:
    """Context of a request. A WebSocket is one request until it is closed; its status is that of the handshake."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = request_id_of(scope)
        status = 0
        answered = False

        async def identified(message: Message) -> None:
            nonlocal status, answered
            if message["type"] in STATUS:
                status = message.get("status") or status or STATUS[message["type"]]
            if message["type"] in STARTS:
                _add_header(message, scope, (HEADER, request_id.encode()))
            await send(message)
            answered = message["type"] == "http.response.body" and not message.get("more_body")

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, identified)
        except asyncio.CancelledError as error:
            await _cut_off(error, status, scope, receive, identified)
            raise
        except Exception:
            log.exception("a fault of this application")
            if not status or scope["type"] != "http":
                await _answer_fault(status, scope, receive, identified)
            elif not answered:  # else a background task failed, and the client has its response
                raise  # too late for another response: the server closes the connection
        else:
            await _refuse_if_unanswered(status, scope, receive, identified)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 2)
            method = scope.get("method", "WEBSOCKET")
            logs.info("request", method=method, path=scope["path"], status=status, milliseconds=milliseconds)
            structlog.contextvars.reset_contextvars(**bound)


def _add_header(message: Message, scope: Scope, header: tuple[bytes, bytes]) -> None:
    """Add the header as a line if the server accepts lines: this saves uvicorn's check of its form."""
    if extension := scope.get("extensions", {}).get(EXTENSION):
        extension["add"](b"%b: %b\r\n" % header)
    else:
        message["headers"] = [*message.get("headers", ()), header]


async def _answer_fault(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    if status:
        await send({"type": "websocket.close", "code": INTERNAL_ERROR})
    else:
        await respond(scope["path"], 500)(scope, receive, send)


async def _cut_off(error: BaseException, status: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that is cancelled: the server stops, and the time to finish is over."""
    setattr(error, logs.WRITTEN, True)  # else uvicorn logs it as a fault, with a traceback
    if scope["type"] == "http" and not status:
        await respond(scope["path"], 503, "The server stops.", headers=RETRY)(scope, receive, send)


async def _refuse_if_unanswered(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and not status:
        log.error("a WebSocket was neither accepted nor refused")
        await respond(scope["path"], 500)(scope, receive, send)


def request_id_of(scope: Scope) -> str:
    return request_id(dict(scope["headers"]).get(HEADER, b""))


def request_id(given: bytes) -> str:
    """Return the client's id for the request if it has an allowed form, else a new one."""
    return given.decode() if ACCEPTED(given) else str(uuid_utils.uuid7())
