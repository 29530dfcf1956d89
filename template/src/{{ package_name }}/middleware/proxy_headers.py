"""Headers of reverse proxies: the client's address, the scheme, and the prefix of the path that the proxy removed."""

from collections.abc import Awaitable, Sequence
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ..addresses import IS_PREFIX

PROTO = b"x-forwarded-proto"
FORWARDED = frozenset({b"x-forwarded-for", PROTO, b"x-forwarded-prefix"})

SCHEMES = frozenset({b"http", b"https"})

IPV4_MAPPED = "::ffff:"
"""Prefix of the address of an IPv4 client on an IPv6 socket (RFC 4291, section 2.5.5.2)."""


class ProxyHeaders(ProxyHeadersMiddleware):
    """uvicorn's middleware with `X-Forwarded-Prefix`. All these headers are read from trusted proxies only.

    The prefix becomes the `root_path` of ASGI: links start with it, and routes do not see it. Without the header it
    is `root_path`, for proxies that cannot send one.
    """

    def __init__(self, app: ASGIApp, *, trusted_proxies: Sequence[str], root_path: str) -> None:
        super().__init__(app, list(trusted_proxies))  # type: ignore[arg-type] # uvicorn has types of its own for ASGI
        self._root_path = root_path

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        app: Any = self.app
        if scope["type"] != "lifespan":
            if (client := scope.get("client")) and client[0].startswith(IPV4_MAPPED):
                scope = {**scope, "client": (client[0].removeprefix(IPV4_MAPPED), client[1])}
            root_path = self._root_path
            if not FORWARDED.isdisjoint(fields := dict(scope["headers"])):
                app = super().__call__
                if fields.get(PROTO, b"http") not in SCHEMES:
                    scope = {**scope, "headers": [*map(_with_first_scheme, scope["headers"])]}
                root_path = self._forwarded_prefix(scope) or root_path
            if root_path:
                scope = {**scope, "root_path": root_path, "path": root_path + scope["path"]}
        forwarded: Awaitable[None] = app(scope, receive, send)
        return forwarded

    def _forwarded_prefix(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-forwarded-prefix":
                prefix = value.decode("latin-1").rstrip("/")
                host = scope["client"][0] if scope.get("client") else None
                return prefix if IS_PREFIX(prefix) and host in self.trusted_hosts else ""
        return ""


def _with_first_scheme(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return the header as uvicorn reads it. Of several proxies in a row, the first one knows the client's scheme."""
    name, value = header
    return name, value.partition(b",")[0].strip().lower() if name == PROTO else value
