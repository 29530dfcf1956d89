"""Rate limits that hold over all processes: they are counted in Redis, each request in one atomic script.

Outage policy: limits fail CLOSED. They guard what must not be tried without end, so while Redis cannot count, a limited
route answers 503 and does nothing.

The strategy is the moving window, which never lets more than the limit through in any stretch of that length, and knows
when there is room again. A fixed window lets twice as much through around its edge, and so does a sliding window
counter, which takes the requests of the window before as evenly spread. The price is a list of as many timestamps as
the limit allows, for each client, by the clocks of the application's hosts, which are taken to agree.
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
"""Seconds that counting may take. The clients of limited routes can wait: an answer of 503 would be worse."""

IPV6_SITE = 64
"""Bits of an IPv6 address that stand for one client: the rest is its own to choose (RFC 4291, section 2.5.4)."""


class Limiter:
    def __init__(self, redis: Redis) -> None:
        # Its own client on our pool, whose timeouts bound it. The annotation of `options` does not know of pools.
        options: dict[str, Any] = {"connection_pool": redis.connection_pool}
        storage = RedisStorage(
            "async+redis://", implementation="redispy", key_prefix=f"{DISTRIBUTION}:limit", **options
        )
        self._window = MovingWindowRateLimiter(storage)
        # A lost connection begins no pause: it takes no time, and the next request finds another one.
        self._breaker = Breaker(PATIENCE, opened_by=TIMEOUT)

    async def count(self, limit: RateLimitItem, name: str, client: str) -> None:
        """Raise `TooManyRequests` if this one is over the limit, `Unavailable` if that cannot be known."""
        try:
            async with self._breaker.guard():
                if await self._window.hit(limit, name, client):
                    return
                reset, remaining = await self._window.get_window_stats(limit, name, client)
        except Unreachable as error:
            raise Unavailable("Requests cannot be counted at the moment.") from error
        raise _exceeded(limit, name, retry_after=max(1, math.ceil(reset - time.time())), remaining=remaining)

    async def clear(self, limit: RateLimitItem, name: str, client: str) -> None:
        """Forget what was counted, as after a login that succeeded. Raises `Unavailable` if that is not possible."""
        try:
            async with self._breaker.guard():
                await self._window.clear(limit, name, client)
        except Unreachable as error:
            raise Unavailable("Requests cannot be counted at the moment.") from error


def _exceeded(limit: RateLimitItem, name: str, *, retry_after: int, remaining: int) -> TooManyRequests:
    """Header fields as in draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4."""
    return TooManyRequests(
        f"No more than {limit.amount} requests in {limit.get_expiry()} seconds.",
        retry_after=retry_after,
        headers={
            "RateLimit-Policy": f'"{name}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{name}";r={max(0, remaining)};t={retry_after}',
        },
    )


class RateLimit:
    """A dependency that lets each client use a route, or several that share the name, only so often.

    Those routes say so too: `responses=responses(429, 503)`.
    """

    def __init__(self, limit: str, *, name: str) -> None:
        """`limit` is such as `20/minute` or `100 per 15 minutes`; anything else raises `ValueError`."""
        self._limit = parse(limit)
        self._name = name

    async def __call__(self, connection: HTTPConnection) -> None:
        await resources_of(connection).limiter.count(self._limit, self._name, await _client(connection))


async def _client(connection: HTTPConnection) -> str:
    """The principal, for each owner of rows. For an anonymous one the address, or the site of an IPv6 address.

    Behind proxies the address is theirs, unless `API_TRUSTED_PROXIES` names them.
    """
    principal = await get_principal(connection)
    return address_of(connection) if principal.is_anonymous else principal.key


def address_of(connection: HTTPConnection) -> str:
    """The client's address, or the site of its IPv6 address."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a Unix socket: all who come through it are one client
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), IPV6_SITE), strict=False))
