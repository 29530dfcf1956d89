"""HTTP protocol: uvicorn's, with limits for the head of a request, and with problems (RFC 9457) as refusals."""

import asyncio
import contextvars
import sys
import time
from typing import Any, cast

from httptools import HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .middleware.load_shedding import ACCEPTED, CLOSE
from .middleware.security_headers import EXTENSION
from .problems import phrase, respond
from .request_target import origin_form
from .response_transport import ResponseTransport, UnchunkedTransport

HEAD_TIMEOUT = 10.0
"""Time in seconds in which the head of a request must arrive."""

MAX_HEAD_BYTES = 64 * 1024
"""Largest size in bytes of the request line and all headers together."""


class HttpProtocol(HttpToolsProtocol):
    """Protocol with limits for the head of a request: 408 if it arrives too slowly, 414 or 431 if it is too long."""

    is_accepted = False
    """Mark of a connection that was accepted while there was no overload, until its first request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.url = b""
        self._head_since: float | None = time.monotonic()
        self._unfinished = 0
        """Size in bytes of what arrived after the last complete head, part of a body, or message."""
        self._in_body = False
        self._refused = False
        self._ignored_at = 0
        """Offset in the received data at which a head ends whose upgrade is ignored; 0 if there is none."""

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unfinished += len(data)
        super().data_received(data)
        while self._ignored_at and not self._refused:
            rest, self._ignored_at = data[self._ignored_at :], 0
            data = self._head_without_upgrade() + rest
            super().data_received(data)
        if self._unfinished > MAX_HEAD_BYTES:
            self._refuse(414 if self._has_long_target() else 431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_since = time.monotonic()

    def on_headers_complete(self) -> None:
        self._head_since = None
        self._unfinished = 0
        if self.parser.should_upgrade() and not self._should_upgrade():
            return
        if not self.url.startswith(b"/"):
            self.url, self.headers[:] = origin_form(self.url, self.headers)
        if self.expect_100_continue:  # HTTP/1.0 does not know it (RFC 9110, section 10.1.1)
            self.expect_100_continue = self.parser.get_http_version() != "1.0"
        super().on_headers_complete()
        is_new = self.cycle is not None and self.cycle.scope is self.scope  # an upgrade to a WebSocket makes no cycle
        if not is_new:
            return
        self._in_body = True
        self.headers = []  # uvicorn adds trailers, which must not become headers (RFC 9110, section 6.5.1)
        extensions: dict[str, Any] = {ACCEPTED: {}} if self.is_accepted else {}
        self.is_accepted = False
        if self.scope["method"] != "HEAD":  # a response to HEAD has no body to wait for
            kind = UnchunkedTransport if self.scope["http_version"] == "1.0" else ResponseTransport
            self.cycle.transport = response = kind(self.transport)
            extensions[EXTENSION] = {"add": response.add_lines}
        self.scope["extensions"] = extensions

    def on_body(self, body: bytes) -> None:
        self._unfinished = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unfinished = 0
        if self._in_body:  # else it is the head of an upgrade
            self._in_body = False
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin a pipelined request without the context of the one before it, which has its user and its id."""
        if self.pipeline:
            contextvars.Context().run(super().on_response_complete)
        else:
            super().on_response_complete()

    def _should_upgrade(self) -> bool:
        """Check for a WebSocket (RFC 6455, section 4.1). Any other upgrade is ignored (RFC 9110, section 7.8)."""
        request = self.parser.get_method(), self.parser.get_http_version()
        return request == (b"GET", "1.1") and super()._should_upgrade()

    def _unsupported_upgrade_warning(self) -> None:
        if self.parser.get_method() == b"CONNECT":  # httptools takes it for an upgrade as well
            self._refuse(501)
        else:
            self._ignored_at = cast("HttpParserUpgrade", sys.exception()).args[0]

    def _head_without_upgrade(self) -> bytes:
        """Return the head to read again: httptools would take the body after an upgrade for the next request.

        The client of Java asks for HTTP/2 in this way, with every first request.
        """
        line = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        headers = (b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade")
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as in uvicorn
        return line + b"".join(headers) + b"\r\n"

    def handle_websocket_upgrade(self) -> None:
        if not self._is_idle():  # the response to the request before it would be sent into the WebSocket
            self._refuse(400)
            return
        super().handle_websocket_upgrade()
        protocol: Any = self.transport.get_protocol()
        if not protocol.handshake_initiated:  # `websockets` has stricter limits for a head, and uvicorn sends nothing
            self._answer(431)
            self.transport.close()

    def close_if_late(self, now: float) -> None:
        if self._head_since is not None and now - self._head_since > HEAD_TIMEOUT:
            self._refuse(408)

    def send_400_response(self, msg: str) -> None:
        del msg  # uvicorn's text, which would be sent as plain text
        self._refuse(414 if self._has_long_target() else 400)

    def _has_long_target(self) -> bool:
        return len(self.url) > MAX_HEAD_BYTES // 2

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        """Refuse the message that is being read, after the responses to those before it, and close the connection."""
        if self._refused:
            return
        self._refused = True
        self._head_since = None
        if self.pipeline or not (self._is_idle() or self._in_body):
            self.cycle.keep_alive = False
            return
        if self.scope is not None and (not self._in_body or not self.cycle.response_started):
            self._answer(status)
        self.transport.close()

    def _answer(self, status: int) -> None:
        answer = respond(None, status)
        headers = (*self.server_state.default_headers, *answer.raw_headers, CLOSE)  # by default, `Date`
        lines = (b"%b: %b\r\n" % header for header in headers)
        body = b"" if self.parser.get_method() == b"HEAD" else bytes(answer.body)
        self.transport.write(f"HTTP/1.1 {status} {phrase(status)}\r\n".encode() + b"".join(lines) + b"\r\n" + body)
