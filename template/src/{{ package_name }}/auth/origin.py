"""Origin check: a request with a cookie must be from a page of ours, as browsers add cookies to every request."""

from collections.abc import Collection

from fastapi.requests import HTTPConnection

from ..addresses import is_same_origin
from ..etags import SAFE
from .errors import CrossOrigin


def require_own_origin(connection: HTTPConnection, trusted: Collection[str]) -> None:
    """Raise `CrossOrigin` for a request that another page may have forged (ASVS 5.0, 3.5.1).

    Every browser sends `Origin` with every request that may change something, and no page can set it. If a proxy has
    removed it, `Sec-Fetch-Site` decides. If both are missing, no browser has sent the request, so it is refused: a
    cookie is for browsers. WebSockets are checked in `middleware/websockets.py`.
    """
    if connection.scope.get("method", "GET") in SAFE:
        return
    origin = connection.headers.get("origin")
    if origin is not None:
        if origin in trusted or is_same_origin(origin, f"{connection.url.scheme}://{connection.url.netloc}"):
            return
    elif connection.headers.get("sec-fetch-site") == "same-origin":
        return
    raise CrossOrigin("A page of another origin may not do this.")
