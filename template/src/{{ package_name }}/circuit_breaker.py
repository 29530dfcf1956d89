"""Circuit breaker: after a failure, Redis gets no commands for a moment, so few requests wait for a timeout."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from .patience import patience

PAUSE = 0.5
"""Pause in seconds after a failure. It is also the longest time until Redis is in use again after an outage."""

TIMEOUT = (RedisTimeoutError, TimeoutError)
OUTAGE = (RedisTimeoutError, RedisConnectionError, OSError)

log = structlog.get_logger()


class Unreachable(Exception):
    """Redis does not answer, or has just not answered."""


def describe(error: BaseException) -> str:
    """Return type and text of an error. `repr` is `network:ConnectionError` for all network errors of redis-py."""
    return f"{type(error).__name__}: {error}"


class Breaker:
    def __init__(self, seconds: float, opened_by: tuple[type[Exception], ...] = OUTAGE) -> None:
        """`seconds`: time that one use of Redis may take; `opened_by`: errors that begin a pause."""
        self._seconds = seconds
        self._opened_by = opened_by
        self._retry_at = 0.0

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Raise `Unreachable` for every error of Redis, and without an attempt during the pause after a failure."""
        now = time.monotonic()
        if now < self._retry_at:
            raise Unreachable
        if self._retry_at:
            self._retry_at = now + PAUSE  # this caller tries; until it has a result, the others continue without Redis
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
