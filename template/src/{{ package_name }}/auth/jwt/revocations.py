"""Revocations: logins that were ended while some of their access tokens are still valid.

Each process has a copy. A request that finds it older than `PERIOD` fetches what is new. So an ended login is refused
everywhere within that time, and few requests wait for a round trip.

Outage policy: revocations fail CLOSED. If the copy cannot be renewed, requests with a token are answered 503. If Redis
loses the list, a new one begins, with another generation. Each token has the generation of the list at the time of its
issue, so all earlier tokens are refused.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from redis.asyncio import Redis

from ...circuit_breaker import TIMEOUT, Breaker, Unreachable
from ...errors import Unavailable
from ...metadata import DISTRIBUTION

KEY = f"{DISTRIBUTION}:ended-logins"
PERIOD = 0.4
"""Longest age in seconds of the copy. With the round trip, it is below one second (ASVS 5.0, 7.4.1)."""

PATIENCE = 0.5
AT_ONCE = 1000

# A sorted set: its generation has the score 0, and each ended login has the next number. A login is removed when its
# tokens have expired. All data of the list is in one key, so Redis loses all of it or nothing.
LIBRARY = """
local function generation(key, fresh)
  local found = redis.call('ZRANGEBYSCORE', key, 0, 0)
  if found[1] then return found[1] end
  redis.call('DEL', key)
  redis.call('ZADD', key, 0, fresh)
  return fresh
end
local function note(key, name, until_, now)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('ZADD', key, tonumber(last[2]) + 1, name .. ':' .. until_)
  for _, each in ipairs(redis.call('ZRANGEBYSCORE', key, 1, '+inf', 'LIMIT', 0, 10)) do
    if tonumber(string.match(each, ':(%d+)$')) < tonumber(now) then redis.call('ZREM', key, each) end
  end
end
"""

# KEYS: the set. ARGV: a new generation, the last number that is known, the number of entries to read.
LOOK = (
    LIBRARY
    + """
local found = generation(KEYS[1], ARGV[1])
return {found, redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])}
"""
)


class Revocations:
    def __init__(self, redis: Redis) -> None:
        self._look: Callable[..., Awaitable[Any]] = redis.register_script(LOOK)
        self._breaker = Breaker(PATIENCE, opened_by=TIMEOUT)
        self._ended: dict[str, int] = {}
        """Expiry of the last access token, in seconds since 1970, by name of the login; the oldest login first."""

        self._generation = ""
        self._last = "0"
        self._renewed_at = float("-inf")
        self._renewal: asyncio.Task[None] | None = None

    async def includes(self, name: str, generation: str) -> bool:
        """Check whether the login was ended. Raises `Unavailable` if the list cannot be read."""
        for _ in range(2):  # a renewal that is already running may have read the list before this token was issued
            if generation == self._generation and time.monotonic() - self._renewed_at <= PERIOD:
                break
            await self._renew()
        return generation != self._generation or name in self._ended

    def add(self, names: Iterable[str], until: int) -> None:
        """Add logins that this process has ended itself, so that it refuses them at once."""
        self._ended.update(dict.fromkeys(names, until))

    async def _renew(self) -> None:
        """Renew the copy, once for all requests that wait."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._fetch())
            self._renewal.add_done_callback(_read_error)
        try:
            await asyncio.shield(self._renewal)
        except Unreachable as error:
            raise unavailable() from error

    async def _fetch(self) -> None:
        asked_at = time.monotonic()
        while True:
            async with self._breaker.guard():
                generation, found = await self._look([KEY], [new_generation(), self._last, AT_ONCE])
            if (current := text(generation)) != self._generation:
                self._generation, self._ended, is_other = current, {}, self._last != "0"
                self._last = "0"
                if is_other:
                    continue
            for member, score in zip(found[::2], found[1::2], strict=True):
                name, _, until = text(member).rpartition(":")
                self._ended[name], self._last = int(until), text(score)
            if len(found) < 2 * AT_ONCE:
                break
        self._forget()
        self._renewed_at = asked_at

    def _forget(self) -> None:
        now = time.time()
        while self._ended and self._ended[name := next(iter(self._ended))] < now:
            del self._ended[name]


def _read_error(task: asyncio.Task[None]) -> None:
    """Read the error, so that asyncio does not report it if no request waits any more."""
    if not task.cancelled():
        task.exception()


def new_generation() -> str:
    return secrets.token_hex(8)


def text(value: bytes | str | float) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def unavailable() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment.")
