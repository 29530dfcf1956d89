"""What every request passes through, outermost first. Pure ASGI: `BaseHTTPMiddleware` orphans what it cancels."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from ..settings import Settings
from ..telemetry import Telemetry
from .body_limit import BodyLimit
from .deadline import Deadline
from .load_shedding import LoadShedding
from .request_context import RequestContext
from .security_headers import SecurityHeaders

__all__ = ["install"]


def install(app: FastAPI, settings: Settings, telemetry: Telemetry) -> None:
    # `add_middleware` puts each new one around those before it, so this reads from the inside out.
    app.add_middleware(BodyLimit, max_bytes=settings.api.max_body_bytes)
    if settings.api.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.api.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
            expose_headers=["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(Deadline, seconds=settings.api.request_timeout)
    app.add_middleware(RequestContext)
    app.add_middleware(
        LoadShedding,
        max_in_flight=settings.api.max_in_flight,
        max_waiting=settings.api.max_waiting,
        queue_timeout=settings.api.queue_timeout,
        on_shed=telemetry.shed,
    )
    app.add_middleware(SecurityHeaders, hsts=settings.environment != "development")
