"""Cache in Redis for values that are costly to make.

Outage policy: the cache fails OPEN. It saves work and decides nothing. If Redis is down, slow, or holds values that
cannot be read, values are loaded as if there were no cache, and no request fails.

A value that is missing is loaded once: by the caller that gets its lease. In one process, that is the first caller;
among processes, the first that asks Redis. The owner renews the lease as long as the load lasts, and no other caller
takes it. A caller that has waited too long for another process loads the value without a lease, and does not store it.
Only the owner of the lease stores a value. `forget` deletes the lease, so that a load that began before a change does
not store the old value after it (Nishtala et al., "Scaling Memcache at Facebook", 3.2.1). A load in a transaction that
has changed something may read what is never committed, so its value is not stored either.
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
from .db import transaction
from .metadata import DISTRIBUTION
from .resources import resources_of
from .single_flight import SingleFlight

LEASE = 5.0
"""Lifetime in seconds of a lease. A process that is loading renews its lease; that of a dead process expires."""

PATIENCE = 2.0
"""Time in seconds to wait for the load of another process before loading the value as well."""

POLL = 0.025
"""Interval in seconds between two checks for a value that another process is loading."""

# KEYS: value, lease. ARGV: token, milliseconds of the lease.
# Returns the value; or 1 if the lease is ours; or nil if another process has it. This is one script: a value that is
# stored between a GET and a SET would be loaded once more.
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

# KEYS: value, lease. ARGV: token and, if the load succeeded, the value and its milliseconds.
SETTLE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return end
redis.call('DEL', KEYS[2])
if ARGV[2] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
"""

type Load[T] = Callable[[], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Hit[T]:
    """A value that was found. The value itself may be false or `None`."""

    value: T


@dataclass(frozen=True)
class Cached[T]:
    """A kind of cached value: its name, its lifetime in seconds, and its type."""

    name: str
    ttl: float
    model: type[T]

    @cached_property
    def adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.model)

    @cached_property
    def prefix(self) -> str:
        """Prefix of keys, with a fingerprint of the type: releases with different types share no values."""
        schema = json.dumps(self.adapter.json_schema(by_alias=False), sort_keys=True)
        return f"{DISTRIBUTION}:cache:{self.name}:{hashlib.sha256(schema.encode()).hexdigest()[:12]}"

    def keys(self, key: str) -> tuple[str, str]:
        """Return the keys of the value and of its lease. The braces keep both on one node of a cluster."""
        slot = "{" + f"{self.prefix}:{key}" + "}"
        return f"{slot}:value", f"{slot}:lease"

    def dump(self, value: T) -> bytes:
        return self.adapter.dump_json(value, by_alias=False, round_trip=True)

    def parse(self, raw: bytes | str) -> Hit[T] | None:
        """Return the value, or `None` if it cannot be read."""
        with suppress(ValidationError):
            return Hit(self.adapter.validate_json(raw, by_alias=False, by_name=True))
        return None


class Cache:
    def __init__(self, redis: Redis, timeout: float) -> None:
        """`timeout`: seconds that one command to Redis may take. After that, the value is loaded without the cache."""
        self._redis = redis
        self._claim = redis.register_script(CLAIM)
        self._renew = redis.register_script(RENEW)
        self._settle = redis.register_script(SETTLE)
        self._breaker = Breaker(timeout)
        self._flights = SingleFlight()

    async def get_or_load[T](self, cached: Cached[T], key: str, load: Load[T]) -> T:
        """Return the cached value, or the result of `load`. Callers at the same time share it, so do not change it.

        In a transaction that has changed something, the result is neither shared nor stored: it may be rolled back.
        That holds for the task of the transaction, so call this in no child task of it.
        """
        value, lease = cached.keys(key)
        if within := transaction.current():
            if hit := await self._find(cached, value):
                return hit.value
            if await within.has_its_own_view():
                return await load()
        return await self._flights.run(value, lambda: self._fetch(cached, (value, lease), load))

    async def forget[T](self, cached: Cached[T], key: str) -> None:
        """Delete a value whose source has changed. While Redis is down, the old value stays until it expires.

        In a transaction, call it after the commit: `tx.after_commit(partial(cache.forget, cached, key))`. Before the
        commit, another request would load the old value again, and it would stay.
        """
        value, lease = cached.keys(key)
        self._flights.forget(value)
        with suppress(Unreachable):
            async with self._breaker.guard():
                await self._redis.delete(value, lease)

    async def _fetch[T](self, cached: Cached[T], keys: tuple[str, str], load: Load[T]) -> T:
        if hit := await self._find(cached, keys[0]):
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
        finally:  # also if the load fails or is cancelled: the next one does not have to wait until the lease expires
            with suppress(Unreachable):
                async with self._breaker.guard():
                    await self._settle(keys, (token, *loaded))

    async def _find[T](self, cached: Cached[T], key: str) -> Hit[T] | None:
        with suppress(Unreachable):
            async with self._breaker.guard():
                found = await self._redis.get(key)
            return None if found is None else cached.parse(found)
        return None

    async def _wait[T](self, cached: Cached[T], keys: tuple[str, str], token: str) -> Hit[T] | None:
        """Return the value if another process loads it in time, else `None`: then this process loads it."""
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
        """Renew the lease as long as the load takes. If another process has the lease, nothing changes."""

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
    """Return the lifetime less up to a tenth, at random: values that are stored together do not expire together."""
    longest = round(ttl * 1000)
    return longest - secrets.randbelow(longest // 10 + 1)


async def get_cache(connection: HTTPConnection) -> Cache:
    return resources_of(connection).cache


CacheDep = Annotated[Cache, Depends(get_cache)]
