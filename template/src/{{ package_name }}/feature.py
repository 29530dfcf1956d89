"""A feature: what one part of the application adds to the whole.

    orders = Feature("orders", routers=(router,), settings={"payments": PaymentsSettings}, resources=(open_payments,))

Give only what the feature needs. Those of this project are listed in `project.py`; `features.py` adds the template's.
Models need no entry: `models.py` finds them, since migrations must not import routers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer
    from fastapi import APIRouter
    from fastapi.requests import HTTPConnection
    from starlette.middleware import Middleware

    from .principal import Principal
    from .resources import Resources
    from .settings import Group, Settings
    from .telemetry import Telemetry

type OpenResource = Callable[[Resources], AbstractAsyncContextManager[object]]
type Authenticate = Callable[[HTTPConnection], Awaitable[Principal | None]]


@dataclass(frozen=True)
class ReadinessCheck:
    """A check of `/health/ready`. It raises if what it asks is down; it has one second."""

    name: str
    check: Callable[[Resources], Awaitable[object]]
    required: bool = False
    """If a required dependency is down, the process gets no requests. If another one is down, it is degraded."""


@dataclass(frozen=True)
class Feature:
    name: str
    routers: tuple[APIRouter, ...] = ()
    """Tried in their order, and those of earlier features first."""

    settings: Mapping[str, type[Group]] = field(default_factory=dict)
    """Groups of settings by prefix: the setting `url` of the group `payments` is the variable `PAYMENTS_URL`."""

    resources: tuple[OpenResource, ...] = ()
    """Context managers, opened in this order with the application. `resources[Kind]` is the value that one yields."""

    background: tuple[Callable[[Resources], Awaitable[Any]], ...] = ()
    """Coroutine functions that run as long as a serving process. One that fails is logged and started again."""

    readiness: tuple[ReadinessCheck, ...] = ()
    """Checks of `/health/ready`."""

    commands: typer.Typer | None = None
    """Commands of the command line, below the feature's name: `orders import`."""

    middleware: tuple[Middleware, ...] = ()
    """Pure ASGI, the outermost first, inside the application's own."""

    authenticate: Authenticate | None = None
    """Returns the principal of a request, or `None` if the request does not concern this feature."""

    telemetry: Callable[[Settings], Telemetry] | None = None
    """Makes what observes the application: a class derived from `Telemetry`."""
