"""Middleware for every request, outermost first. It is pure ASGI: `BaseHTTPMiddleware` leaves cancelled tasks behind.

Middleware that concerns few requests passes the others on with a plain call. A coroutine would cost several times that.
"""

from collections.abc import Sequence

from fastapi import FastAPI

from ..addresses import ANY
from ..feature import Feature
from ..limits import RouteLimits
from ..settings import Settings
from ..telemetry import Telemetry
from .body_limit import BodyLimit
from .cors import Cors
from .deadline import Deadline
from .head import Head
from .header_lines import HeaderLines
from .json_body import JsonBody
from .load_shedding import LoadShedding
from .proxy_headers import ProxyHeaders
from .query_parameters import QueryParameters
from .ranges import Ranges
from .request_body import RequestBody
from .request_context import RequestContext
from .security_headers import SecurityHeaders, raw_headers
from .websockets import WebSockets

__all__ = ["install"]


def install(app: FastAPI, settings: Settings, telemetry: Telemetry, features: Sequence[Feature] = ()) -> None:
    """Install all middleware. That of features is inside the others, with that of the first feature outermost."""
    # `add_middleware` puts each new one around those before it, so this list goes from the inside out.
    limits = RouteLimits(app, settings.api)
    hsts = settings.environment != "development"
    for each in reversed([each for feature in features for each in feature.middleware]):
        app.add_middleware(each.cls, *each.args, **each.kwargs)
    app.add_middleware(QueryParameters)
    app.add_middleware(Head)
    app.add_middleware(Ranges)
    app.add_middleware(BodyLimit, limits=limits)
    app.add_middleware(JsonBody)
    app.add_middleware(Deadline, limits=limits)
    app.add_middleware(WebSockets, origins=settings.api.cors_origins, max_open=settings.api.max_websockets)
    app.add_middleware(RequestContext)
    app.add_middleware(
        LoadShedding,
        limits=limits,
        max_in_flight=settings.api.max_in_flight,
        max_waiting=settings.api.max_waiting,
        queue_timeout=settings.api.queue_timeout,
        headers=raw_headers(hsts=hsts),
        on_shed=telemetry.shed,
    )
    app.add_middleware(RequestBody, limits=limits, max_reading=settings.api.max_waiting)
    if settings.api.cors_origins:
        # Around all middleware that responds itself: without these headers a browser hides even a 503 from the page.
        app.add_middleware(
            Cors,
            allow_origins=settings.api.cors_origins,
            # True if pages may send cookies. Not with `*`, which would allow it to every page on the web.
            allow_credentials=ANY not in settings.api.cors_origins and any(each.authenticate for each in features),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["*"],  # includes headers of the project's own routes, and of tracing
            expose_headers=[
                "Allow",
                "ETag",
                "Idempotency-Replayed",
                "Location",
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
                "X-Request-ID",
            ],
        )
    app.add_middleware(ProxyHeaders, trusted_proxies=settings.api.trusted_proxies, root_path=settings.api.root_path)
    app.add_middleware(HeaderLines)
    app.add_middleware(SecurityHeaders, hsts=hsts)
