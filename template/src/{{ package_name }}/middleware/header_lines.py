"""Header lines: several lines of one header are one header with a list as its value (RFC 9110, section 5.3).

FastAPI uses the first line, other programs the last. A line that a proxy adds would hide the earlier value.
"""

import re
from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

from .request_body import refusal

IS_HOST = re.compile(rb"(\[[\w.~:%-]+\]|[\w.~!$&'()*+;=%-]*)(:[0-9]*)?").fullmatch
"""Form of a host and a port (RFC 9110, section 7.2), without the comma of a list."""


class HeaderLines:
    """Join lines in their order, with commas; those of `Cookie` with semicolons (RFC 9113, section 8.2.3).

    A request without `Host`, with two of them, or with an invalid one is answered 400 (RFC 9112, section 3.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "lifespan":
            return self._app(scope, receive, send)
        fields: dict[bytes, bytes] = dict(scope["headers"])
        if len(fields) < len(scope["headers"]):
            lines: dict[bytes, list[bytes]] = {}
            for name, value in scope["headers"]:
                lines.setdefault(name, []).append(value)
            fields = {name: (b"; " if name == b"cookie" else b", ").join(values) for name, values in lines.items()}
            scope = {**scope, "headers": list(fields.items())}
        host = fields.get(b"host")
        if scope["http_version"] != "1.0" if host is None else not IS_HOST(host):
            return refusal(scope, 400, "A request has one Host, the one in its address.")(scope, receive, send)
        return self._app(scope, receive, send)
