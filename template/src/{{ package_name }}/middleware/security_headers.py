"""Security headers: they restrict what browsers and caches allow by default (ASVS 5.0, 3.4 and 14.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    # Data of one client: no shared cache may store it. The client's own cache may, and asks with the ETag before each
    # use (RFC 9111, section 5.2.2).
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

EXTENSION = "http.response.header_lines"
"""ASGI extension of `server`: it adds lines to the head of a response, without checking them."""


class SecurityHeaders:
    """Add each of these headers, unless the route has set it.

    If a response has none of them, all are added as lines, if the server accepts these: uvicorn checks each header of
    each response, and for headers that never change, that is a twentieth of the cost of a read.
    """

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self._app = app
        self._raw = raw_headers(hsts=hsts)
        self._names = frozenset(name for name, _ in self._raw)
        self._lines = b"".join(b"%b: %b\r\n" % header for header in self._raw)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extension = scope.get("extensions", {}).get(EXTENSION)

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                present = self._names & dict(headers).keys()
                if extension and not present:
                    extension["add"](self._lines)
                else:
                    message["headers"] = [*headers, *(each for each in self._raw if each[0] not in present)]
            await send(message)

        await self._app(scope, receive, secured)


def raw_headers(*, hsts: bool) -> list[tuple[bytes, bytes]]:
    headers = HEADERS | (HSTS if hsts else {})
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
