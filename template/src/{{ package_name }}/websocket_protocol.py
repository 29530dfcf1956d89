"""WebSocket protocol: uvicorn's, with problems (RFC 9457) as the answers to handshakes that are invalid."""

import sys
from asyncio import BaseTransport
from email.utils import formatdate
from http import HTTPStatus

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.http11 import Response

from .problems import phrase, respond

VERSION = "Sec-WebSocket-Version"


class WebSocketProtocol(WebSocketsSansIOProtocol):
    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.conn.reject = _reject  # type: ignore[method-assign] # uvicorn has no setting for the class of `conn`


def _reject(status: HTTPStatus | int, text: str) -> Response:
    """Return the refusal. If the client has another version, it names ours (RFC 6455, section 4.2.2)."""
    code, upgrade = int(status), {}
    error = sys.exception()
    if isinstance(error, InvalidHeader) and error.name == VERSION:
        code, upgrade = 426, {"Upgrade": "websocket", VERSION: "13"}
    headers = {"Date": formatdate(usegmt=True), "Connection": "close", **upgrade}
    answer = respond(None, code, text.strip(), headers=headers)
    return Response(code, phrase(code), Headers(answer.headers.items()), bytes(answer.body))
