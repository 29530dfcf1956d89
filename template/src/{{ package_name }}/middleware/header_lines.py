"""A header field that is sent in several lines is one field, with a list for its value (RFC 9110, section 5.3).

FastAPI takes the first line, others the last, and what a proxy adds as a line of its own would hide what was there.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from .request_body import refusal

IS_HOST = re.compile(rb"[\w.~!$&'()*+;=%:\[\]-]*").fullmatch
"""A host and a port (RFC 9110, section 7.2), without the comma of a list."""


class HeaderLines:
    """Joins them in their order, with commas; those of `Cookie` with semicolons (RFC 9113, section 8.2.3).

    400 for a request without `Host`, with two of them, or with what is none (RFC 9112, section 3.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if len({name for name, _ in scope["headers"]}) < len(scope["headers"]):
            fields: dict[bytes, list[bytes]] = {}
            for name, value in scope["headers"]:
                fields.setdefault(name, []).append(value)
            joined = {name: (b"; " if name == b"cookie" else b", ").join(values) for name, values in fields.items()}
            scope = {**scope, "headers": list(joined.items())}
        host = next((value for name, value in scope["headers"] if name == b"host"), None)
        if scope["http_version"] != "1.0" if host is None else not IS_HOST(host):
            await refusal(scope, 400, "A request has one Host, the one in its address.")(scope, receive, send)
            return
        await self._app(scope, receive, send)
