"""Ticket store: values that are kept until a browser comes back, once, and for this browser only.

A ticket is random, and useless without the random cookie of the browser for which it was made. Redis has the value
under the hash of both. Of several uses at the same time, only one gets the value.

Outage policy: 503, as for logins.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request, Response
from pydantic import BaseModel
from redis.asyncio import Redis

from ..circuit_breaker import TIMEOUT, Breaker, Unreachable
from ..errors import Unavailable
from ..metadata import DISTRIBUTION
from .flow import draw

COOKIE = "__Host-oidc"
"""Cookie. Browsers refuse this prefix from any other host and without TLS (RFC 6265bis, section 4.1.3)."""

COOKIE_FORM = re.compile(r"[\w-]{43}", re.ASCII)
FLOW_LIFETIME = 600
"""Time in seconds in which the browser must be back from the provider."""

PATIENCE = 0.5
"""Time in seconds for a command to Redis."""


class Tickets:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._breaker = Breaker(PATIENCE, opened_by=TIMEOUT)

    async def keep(self, browser: str, value: BaseModel, seconds: int) -> str:
        """Store the value, and return the ticket. With it, only this browser gets the value."""
        ticket = draw()
        async with self._reachable():
            await self._redis.set(_key(type(value), browser, ticket), value.model_dump_json(), ex=seconds)
        return ticket

    async def redeem[T: BaseModel](self, kind: type[T], browser: str | None, ticket: str) -> T | None:
        """Return the value, and delete it. `None` if it is not of this browser, was used, or is too old."""
        if browser is None:
            return None
        async with self._reachable():
            value = await self._redis.getdel(_key(kind, browser, ticket))
        return None if value is None else kind.model_validate_json(value)

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        try:
            async with self._breaker.guard():
                yield
        except Unreachable as error:
            raise Unavailable("Logins cannot be checked at the moment.") from error


def browser_of(request: Request) -> str | None:
    cookie = request.cookies.get(COOKIE, "")
    return cookie if COOKIE_FORM.fullmatch(cookie) else None


def remember_browser(response: Response, browser: str) -> None:
    """Set the cookie. With `SameSite=Lax`, the provider's redirect sends it, and a form of another site does not."""
    response.set_cookie(COOKIE, browser, max_age=FLOW_LIFETIME, path="/", secure=True, httponly=True, samesite="lax")


def _key(kind: type[BaseModel], browser: str, ticket: str) -> str:
    digest = hashlib.sha256(f"{browser}.{ticket}".encode()).hexdigest()
    return f"{DISTRIBUTION}:oidc:{kind.__name__.lower()}:{digest}"
