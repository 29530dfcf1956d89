"""A header field that is sent in several lines is one field, with a list for its value (RFC 9110, section 5.3).

FastAPI takes the first line, others the last, and what a proxy adds as a line of its own would hide what was there.
"""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeaderLines:
    """Joins them in their order, with commas; those of `Cookie` with semicolons (RFC 9113, section 8.2.3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and len({name for name, _ in scope["headers"]}) < len(scope["headers"]):
            fields: dict[bytes, list[bytes]] = {}
            for name, value in scope["headers"]:
                fields.setdefault(name, []).append(value)
            joined = {name: (b"; " if name == b"cookie" else b", ").join(values) for name, values in fields.items()}
            scope = {**scope, "headers": list(joined.items())}
        await self._app(scope, receive, send)
