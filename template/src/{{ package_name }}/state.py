"""What lives as long as the process, and how a request reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from fastapi.requests import HTTPConnection
    from redis.asyncio import Redis
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

    from .db.reader import Connect, Reader
    from .pagination import Cursors
    from .redis.cache import Cache
    from .redis.rate_limit import Limiter
    from .settings import Settings


@dataclass(frozen=True)
class State:
    settings: Settings
    engine: AsyncEngine
    probe: Connect
    """A connection of its own, to ask whether the database is up while all those of `engine` are busy."""

    sessions: async_sessionmaker[AsyncSession]
    reader: Reader
    redis: Redis
    cache: Cache
    limiter: Limiter
    cursors: Cursors


def state_of(connection: HTTPConnection) -> State:
    """The typed view of Starlette's lifespan state."""
    return cast("State", connection.state)
