"""Response transport: the head of a response and its body in one packet."""

import asyncio
from typing import Any

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
STREAM = b"transfer-encoding: chunked\r\n\r\n"
"""Ends of the heads that uvicorn writes."""


class ResponseTransport(asyncio.Transport):
    """Transport of one response: it sends the head with the body in one packet, where uvicorn sends two.

    ASGI asks for this, too ("Response Start"). The head of a stream is sent at once: its body may take time.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: Any = None
        self._lines = b""
        self._begun = False

    def add_lines(self, lines: bytes) -> None:
        """Add header lines, which are not checked, to the head of the response."""
        self._lines += lines

    def write(self, data: Any) -> None:  # noqa: ANN401 - bytes, of any of their types
        if self._begun:
            self._transport.write(data)
        elif self._head is not None:
            self._begun = True
            self._transport.writelines((self._head, data))
        elif data == CONTINUE:
            self._transport.write(data)
        elif data.endswith(STREAM):
            self._begun = True
            self._transport.write(self._complete(data))
        else:
            self._head = self._complete(data)

    def _complete(self, head: bytes) -> bytes:
        return head[:-2] + self._lines + b"\r\n"

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()


class UnchunkedTransport(ResponseTransport):
    """Transport for HTTP/1.0, which has no chunks (RFC 9112, section 6.1): the end of the connection ends a stream."""

    _is_stream = False

    def write(self, data: Any) -> None:  # noqa: ANN401 - as above
        if self._is_stream:
            size, _, part = data.partition(b"\r\n")
            self._transport.write(part[: int(size or b"0", 16)])
        elif self._head is None and data.endswith(STREAM):
            self._is_stream = True
            self._transport.write(self._complete(data.removesuffix(STREAM) + b"\r\n"))
        else:
            super().write(data)
