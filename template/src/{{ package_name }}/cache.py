"""Values that are costly to make, kept in Redis for a while.

Outage policy: the cache fails OPEN. It saves work and decides nothing, so while Redis is down, slow or full of what
cannot be read, values are loaded as if there were no cache, and no request fails.

A value that is missing is loaded once, by whoever holds the lease on it: within a process the first caller, among
processes the first to ask. The lease lasts as long as the load, and nobody takes it away: who has waited too long for
another process loads the value without it, and does not store it. The lease is also what lets a value in: `forget`
drops it, so that a load which began before a change does not bring the old value back after it (Nishtala et al.,
"Scaling Memcache at Facebook", 3.2.1).
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from .circuit_breaker import Breaker, Unreachable
from .metadata import DISTRIBUTION
from .resources import resources_of
from .single_flight import SingleFlight

LEASE = 5.0
"""Seconds after which the lease of a process that died is free again; one that is loading renews its own in time."""

PATIENCE = 2.0
"""Seconds to wait for another process's load before loading the value as well."""

POLL = 0.025
"""Seconds between two looks for a value that another process is loading."""

# KEYS: value, lease. ARGV: token, milliseconds of the lease.
# The value; or 1, and the lease is ours; or nil, and somebody else has it. One script, because a value that is stored
# between a look and a claim would be loaded once more.
CLAIM = """
local value = redis.call('GET', KEYS[1])
if value then return value end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return nil
"""

# KEYS: lease. ARGV: token, milliseconds of the lease.
RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
"""

# KEYS: value, lease. ARGV: token, and where the load succeeded the value and its milliseconds.
SETTLE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return end
redis.call('DEL', KEYS[2])
if ARGV[2] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
"""

type Load[T] = Callable[[], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Hit[T]:
    """A value that was found. It may be one that is false, or `None`."""

    value: T


@dataclass(frozen=True)
class Cached[T]:
    """A kind of value: its name, how many seconds one may be old, and its type."""

    name: str
    ttl: float
    model: type[T]

    @cached_property
    def adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.model)

    @cached_property
    def prefix(self) -> str:
        """Has a fingerprint of the type, so that releases with another shape neither read nor disturb each other."""
        schema = json.dumps(self.adapter.json_schema(by_alias=False), sort_keys=True)
        return f"{DISTRIBUTION}:cache:{self.name}:{hashlib.sha256(schema.encode()).hexdigest()[:12]}"

    def keys(self, key: str) -> tuple[str, str]:
        """Those of the value and of the lease on it, which a cluster keeps together because of the braces."""
        slot = "{" + f"{self.prefix}:{key}" + "}"
        return f"{slot}:value", f"{slot}:lease"

    def dump(self, value: T) -> bytes:
        return self.adapter.dump_json(value, by_alias=False, round_trip=True)

    def parse(self, raw: bytes | str) -> Hit[T] | None:
        """Nothing, if it cannot be read."""
        with suppress(ValidationError):
            return Hit(self.adapter.validate_json(raw, by_alias=False, by_name=True))
        return None


class Cache:
    def __init__(self, redis: Redis, timeout: float) -> None:
        """`timeout` is how many seconds any one use of Redis may take before the value is loaded without it."""
        self._redis = redis
        self._claim = redis.register_script(CLAIM)
        self._renew = redis.register_script(RENEW)
        self._settle = redis.register_script(SETTLE)
        self._breaker = Breaker(timeout)
        self._flights = SingleFlight()

    async def get_or_load[T](self, cached: Cached[T], key: str, load: Load[T]) -> T:
        """The cached value, or what `load` returns. Callers at the same time share it, so it is not to be changed."""
        value, lease = cached.keys(key)
        return await self._flights.run(value, lambda: self._fetch(cached, (value, lease), load))

    async def forget[T](self, cached: Cached[T], key: str) -> None:
        """Drop a value whose source has changed. While Redis is down the old one stays until it expires.

        In a transaction: `tx.after_commit(partial(cache.forget, cached, key))`. Before the commit, another request
        would load the old value once more, and it would stay.
        """
        value, lease = cached.keys(key)
        self._flights.forget(value)
        with suppress(Unreachable):
            async with self._breaker.guard():
                await self._redis.delete(value, lease)

    async def _fetch[T](self, cached: Cached[T], keys: tuple[str, str], load: Load[T]) -> T:
        with suppress(Unreachable):
            async with self._breaker.guard():
                found = await self._redis.get(keys[0])
            if found is not None and (hit := cached.parse(found)):
                return hit.value
        token = secrets.token_hex(8)
        loaded: tuple[bytes, int] | tuple[()] = ()
        try:
            with suppress(Unreachable):
                if hit := await self._wait(cached, keys, token):
                    return hit.value
            async with self._renewed(keys[1], token):
                value = await load()
            loaded = cached.dump(value), _milliseconds(cached.ttl)
            return value
        finally:  # also when the load fails or is cancelled: the next one need not wait for the lease to expire
            with suppress(Unreachable):
                async with self._breaker.guard():
                    await self._settle(keys, (token, *loaded))

    async def _wait[T](self, cached: Cached[T], keys: tuple[str, str], token: str) -> Hit[T] | None:
        """The value, as soon as another process has loaded it; or nothing, when it is time to load it here."""
        deadline = time.monotonic() + PATIENCE
        while True:
            async with self._breaker.guard():
                found = await self._claim(keys, (token, round(LEASE * 1000)))
            if found is None and time.monotonic() < deadline:
                await asyncio.sleep(POLL)
            elif found is None or found == 1:
                return None
            elif hit := cached.parse(found):
                return hit
            else:
                async with self._breaker.guard():
                    await self._redis.delete(keys[0])

    @asynccontextmanager
    async def _renewed(self, lease: str, token: str) -> AsyncIterator[None]:
        """Keep the lease for as long as the load takes; if somebody else has it, this changes nothing."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE / 3)
                with suppress(Unreachable):
                    async with self._breaker.guard():
                        await self._renew([lease], (token, round(LEASE * 1000)))

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()


def _milliseconds(ttl: float) -> int:
    """Up to a tenth less, so that what was stored together does not expire together."""
    longest = round(ttl * 1000)
    return longest - secrets.randbelow(longest // 10 + 1)


async def get_cache(connection: HTTPConnection) -> Cache:
    return resources_of(connection).cache


CacheDep = Annotated[Cache, Depends(get_cache)]
