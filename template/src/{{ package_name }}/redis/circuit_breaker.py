"""A circuit breaker: after a failure Redis is left alone for a moment, so that few requests wait for a timeout."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

PAUSE = 0.5
"""Seconds from a failure to the next attempt; so Redis is in use again at most that long after it came back."""

log = structlog.get_logger()


class Unreachable(Exception):
    """Redis does not answer, or has just not answered."""


class Breaker:
    def __init__(self) -> None:
        self._retry_at = 0.0

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Raise `Unreachable` for every error of Redis, and at once during the pause after it failed."""
        now = time.monotonic()
        if now < self._retry_at:
            raise Unreachable
        if self._retry_at:
            self._retry_at = now + PAUSE  # this one tries; until it knows, the others go on without Redis
        try:
            yield
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            if not self._retry_at:
                log.warning("redis does not answer", error=str(error))
            self._retry_at = time.monotonic() + PAUSE
            raise Unreachable from error
        except RedisError as error:  # it answers, but refuses: out of memory, read-only, a key of another type
            log.warning("redis refused a command", error=str(error))
            raise Unreachable from error
        if self._retry_at:
            log.info("redis answers again")
            self._retry_at = 0.0
