"""Origin: has a browser sent this from a page of ours? Asked where a cookie logs in, which browsers send unasked."""

from collections.abc import Collection

from fastapi.requests import HTTPConnection

from .errors import CrossOrigin

SAFE = {"GET", "HEAD", "OPTIONS", "QUERY"}


def require_own_origin(connection: HTTPConnection, trusted: Collection[str]) -> None:
    """Raises `CrossOrigin` for what another page may have forged (ASVS 5.0, 3.5.1).

    Every browser sends `Origin` with every request that may change something, and no page can set it. Where a proxy
    removed it, `Sec-Fetch-Site` decides. Where there is neither, no browser sent this, and a cookie is for browsers.
    A WebSocket has passed `middleware/websockets.py`.
    """
    if connection.scope.get("method", "GET") in SAFE:
        return
    origin = connection.headers.get("origin")
    if origin is not None:
        if origin in trusted or origin == f"{connection.url.scheme}://{connection.url.netloc}":
            return
    elif connection.headers.get("sec-fetch-site") == "same-origin":
        return
    raise CrossOrigin("A page of another origin may not do this.")
