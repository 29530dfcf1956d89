"""Rate limits for all processes together: Redis counts the requests, each in one atomic script.

Outage policy: limits fail CLOSED. They protect routes that must not be tried without end. While Redis cannot count, a
limited route answers 503 and does nothing.

The strategy is the moving window. It never allows more than the limit in any period of that length, and knows when the
next request is allowed. A fixed window allows twice as much around its edge. So does a sliding window counter, which
assumes that the requests of the window before were evenly spread. The cost is a list of timestamps for each client, as
long as the limit. The timestamps are from the clocks of the application's hosts, which are assumed to agree.
"""

import ipaddress
import math
import time
from typing import Any

from fastapi.requests import HTTPConnection
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis

from .circuit_breaker import TIMEOUT, Breaker, Unreachable
from .errors import TooManyRequests, Unavailable
from .metadata import DISTRIBUTION
from .principal import get_principal
from .resources import resources_of

PATIENCE = 2.0
"""Time in seconds that counting may take. Clients of limited routes can wait: a response 503 would be worse."""

IPV6_SITE = 64
"""Bits of an IPv6 address that stand for one client, which chooses the others itself (RFC 4291, section 2.5.4)."""


class Limiter:
    def __init__(self, redis: Redis) -> None:
        # A client of its own on our pool, whose timeouts limit it. The annotation of `options` does not know pools.
        options: dict[str, Any] = {"connection_pool": redis.connection_pool}
        storage = RedisStorage(
            "async+redis://", implementation="redispy", key_prefix=f"{DISTRIBUTION}:limit", **options
        )
        self._window = MovingWindowRateLimiter(storage)
        # A lost connection does not begin a pause: it takes no time, and the next request gets another connection.
        self._breaker = Breaker(PATIENCE, opened_by=TIMEOUT)

    async def count(self, limit: RateLimitItem, name: str, client: str) -> None:
        """Count one use. Raises `TooManyRequests` over the limit, `Unavailable` if Redis cannot count."""
        try:
            async with self._breaker.guard():
                if await self._window.hit(limit, name, client):
                    return
                reset, remaining = await self._window.get_window_stats(limit, name, client)
        except Unreachable as error:
            raise Unavailable("Requests cannot be counted at the moment.") from error
        raise _exceeded(limit, name, retry_after=max(1, math.ceil(reset - time.time())), remaining=remaining)

    async def clear(self, limit: RateLimitItem, name: str, client: str) -> None:
        """Delete the count, as after a login that succeeded. Raises `Unavailable` if Redis cannot do it."""
        try:
            async with self._breaker.guard():
                await self._window.clear(limit, name, client)
        except Unreachable as error:
            raise Unavailable("Requests cannot be counted at the moment.") from error


def _exceeded(limit: RateLimitItem, name: str, *, retry_after: int, remaining: int) -> TooManyRequests:
    """Return the error with headers of draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4."""
    return TooManyRequests(
        f"No more than {limit.amount} requests in {limit.get_expiry()} seconds.",
        retry_after=retry_after,
        headers={
            "RateLimit-Policy": f'"{name}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{name}";r={max(0, remaining)};t={retry_after}',
        },
    )


class RateLimit:
    """Dependency that limits how often a client uses a route, or several routes that share the name.

    Such a route documents it with `responses=responses(429, 503)`.
    """

    def __init__(self, limit: str, *, name: str) -> None:
        """`limit`: a text such as `20/minute` or `100 per 15 minutes`. Raises `ValueError` for any other form."""
        self._limit = parse(limit)
        self._name = name

    async def __call__(self, connection: HTTPConnection) -> None:
        await resources_of(connection).limiter.count(self._limit, self._name, await _client(connection))


async def _client(connection: HTTPConnection) -> str:
    """Return the principal with the owner of the rows; for an anonymous one, the address or the IPv6 site.

    Behind proxies it is the address of the proxy, unless `API_TRUSTED_PROXIES` names it.
    """
    principal = await get_principal(connection)
    return address_of(connection) if principal.is_anonymous else principal.key


def address_of(connection: HTTPConnection) -> str:
    """Return the client's address, or the site of its IPv6 address."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a Unix socket: all who come through it are one client
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), IPV6_SITE), strict=False))
