"""Limits of a request: those of the settings, unless its route has its own.

    @router.post("/uploads")
    @limited(max_body_bytes=100_000_000, request_timeout=600)
    async def upload(...): ...

The middleware reads them before the request reaches its route.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fastapi.routing import iter_route_contexts

from .settings import ApiSettings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Scope

ATTRIBUTE = "__limits__"


@dataclass(frozen=True)
class Limits:
    max_body_bytes: int
    """Largest body in bytes; a larger one is answered 413."""

    request_timeout: float
    """Time in seconds for the body to arrive, and then the same time for the response to begin."""

    queue_timeout: float
    """Time in seconds that the request waits for a place."""


def limited[F: Callable[..., Any]](
    *, max_body_bytes: int | None = None, request_timeout: float | None = None, queue_timeout: float | None = None
) -> Callable[[F], F]:
    """Set a route's own limits; `None` keeps the one of the settings. Put it below the router's decorator."""
    given = {"max_body_bytes": max_body_bytes, "request_timeout": request_timeout, "queue_timeout": queue_timeout}

    def decorate(endpoint: F) -> F:
        setattr(endpoint, ATTRIBUTE, {name: value for name, value in given.items() if value is not None})
        return endpoint

    return decorate


class RouteLimits:
    """Limits of every route of an application. They are read at the first request, when all routes are known."""

    def __init__(self, app: FastAPI, settings: ApiSettings) -> None:
        self._app = app
        self._default = Limits(settings.max_body_bytes, settings.request_timeout, settings.queue_timeout)

    def of(self, scope: Scope) -> Limits:
        for path, methods, limits in self._routes:
            if scope["method"] in methods and path.match(scope["path"].removeprefix(scope.get("root_path", ""))):
                return limits
        return self._default

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], set[str], Limits]]:
        return [
            (route.path_regex, _methods(route.methods), replace(self._default, **given))
            for route in iter_route_contexts(self._app.routes)
            if (given := getattr(route.endpoint, ATTRIBUTE, None))
        ]


def _methods(methods: set[str] | None) -> set[str]:
    """Return the methods that reach the route: HEAD reaches each route with GET (`middleware.head`)."""
    methods = methods or set()
    return methods | {"HEAD"} if "GET" in methods else methods
