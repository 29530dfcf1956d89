"""A circuit breaker: after a failure Redis is left alone for a moment, so that few requests wait for a timeout."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from .patience import patience

PAUSE = 0.5
"""Seconds from a failure to the next attempt; so Redis is in use again at most that long after it came back."""

TIMEOUT = (RedisTimeoutError, TimeoutError)
OUTAGE = (RedisTimeoutError, RedisConnectionError, OSError)

log = structlog.get_logger()


class Unreachable(Exception):
    """Redis does not answer, or has just not answered."""


def describe(error: BaseException) -> str:
    """Not `repr`, which is `network:ConnectionError` for every error of redis-py's network."""
    return f"{type(error).__name__}: {error}"


class Breaker:
    def __init__(self, seconds: float, opened_by: tuple[type[Exception], ...] = OUTAGE) -> None:
        """`seconds` is how long any one use of Redis may take; `opened_by` are the errors that begin a pause."""
        self._seconds = seconds
        self._opened_by = opened_by
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
            async with patience(self._seconds):
                yield
        except self._opened_by as error:
            if not self._retry_at:
                log.warning("redis does not answer", error=describe(error))
            self._retry_at = time.monotonic() + PAUSE
            raise Unreachable from error
        except (RedisError, OSError) as error:  # out of memory, read-only, a key of another type, a lost connection
            log.warning("a command to redis failed", error=describe(error))
            raise Unreachable from error
        if self._retry_at:
            log.info("redis answers again")
            self._retry_at = 0.0
