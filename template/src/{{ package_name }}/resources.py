"""Resources: what lives as long as the process, asked for by type.

    Payments = Annotated[PaymentsClient, Depends(resource(PaymentsClient))]

Routes ask in this way; commands, scripts and tests say `resources[PaymentsClient]`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from fastapi.requests import HTTPConnection

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

    from .cache import Cache
    from .db.reader import Connect, Reader
    from .db.transaction import Transaction
    from .feature import Authenticate, ReadinessCheck
    from .pagination import Cursors
    from .rate_limit import Limiter
    from .settings import Settings
    from .telemetry import Telemetry


@dataclass(frozen=True)
class Resources:
    settings: Settings
    engine: AsyncEngine
    probe: Connect
    """A connection of its own, to ask whether the database is up while all those of `engine` are busy."""

    sessions: async_sessionmaker[Transaction]
    reader: Reader
    redis: Redis
    cache: Cache
    limiter: Limiter
    cursors: Cursors
    telemetry: Telemetry
    authenticate: tuple[Authenticate, ...] = ()
    readiness: tuple[ReadinessCheck, ...] = ()
    _by_type: dict[type[Any], object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in (*vars(self).values(), *self.settings.groups()):
            self._by_type.setdefault(type(value), value)

    def __getitem__[T](self, kind: type[T]) -> T:
        """The resource or group of settings of this type, or of a type derived from it. Raises `LookupError`."""
        if kind not in self._by_type:
            derived = [value for value in self._by_type.values() if isinstance(value, kind)]
            if len(derived) != 1:
                raise LookupError(f"{len(derived)} resources are a {kind.__name__}: see the features in `project.py`")
            return derived[0]
        return cast("T", self._by_type[kind])

    def add(self, value: object) -> None:
        """Raises `ValueError` if there is a resource of this type already."""
        if value is None:
            return
        if type(value) in self._by_type:
            raise ValueError(f"two resources are a {type(value).__name__}: derive a class for each")
        self._by_type[type(value)] = value


def resources_of(connection: HTTPConnection) -> Resources:
    return cast("Resources", connection.state.resources)


def resource[T](kind: type[T]) -> Callable[[HTTPConnection], Awaitable[T]]:
    """A dependency that gives a route the resource of this type."""

    async def get(connection: HTTPConnection) -> T:
        return resources_of(connection)[kind]

    return get
