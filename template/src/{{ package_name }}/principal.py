"""Principal: the user, service or anonymous client that sends a request.

Idempotency keys, rate limits, cursors, logs and traces are separate for each principal. A feature that authenticates
has `Feature.authenticate`; without one, every request is anonymous.
"""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.requests import HTTPConnection

from .resources import resources_of

CREDENTIALS = ("authorization", "cookie", "x-api-key")
"""Headers that tell anonymous clients apart: requests that differ in one may come from different clients."""


@dataclass(frozen=True)
class Principal:
    kind: str
    """Kind of principal, such as `user` or `service`."""

    id: str
    """Identifier that never changes, not even with a new token. It is logged: no secret, no e-mail address."""

    scopes: frozenset[str] = frozenset()
    """Rights beyond those that everybody has."""

    owner: uuid.UUID | None = None
    """Owner of the rows that it reads and writes, where rows have an owner: see `db/ownership.py`."""

    @property
    def is_anonymous(self) -> bool:
        return self.kind == "anonymous"

    @property
    def key(self) -> str:
        """Text that identifies the principal together with the owner of the rows."""
        return str(self) if self.owner is None else f"{self} {self.owner}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


ANONYMOUS = Principal("anonymous", "")


def known_principal(connection: HTTPConnection) -> Principal:
    """Return the principal if this request was authenticated already, else the anonymous one."""
    known: Principal = getattr(connection.state, "principal", ANONYMOUS)
    return known


async def get_principal(connection: HTTPConnection) -> Principal:
    """Return the principal, authenticated once for each request. Raises the errors of the feature that does it."""
    known: Principal | None = getattr(connection.state, "principal", None)
    if known is None:
        known = connection.state.principal = await _authenticate(connection)
        if not known.is_anonymous:
            structlog.contextvars.bind_contextvars(principal=str(known))
            resources_of(connection).telemetry.identify(known)
    return known


async def _authenticate(connection: HTTPConnection) -> Principal:
    for authenticate in resources_of(connection).authenticate:
        if principal := await authenticate(connection):
            return principal
    return ANONYMOUS


async def get_caller(connection: HTTPConnection) -> str:
    """Return a digest of the caller. Anonymous callers differ by the credentials that they send, if any."""
    principal = await get_principal(connection)
    parts = [principal.key]
    if principal.is_anonymous:
        parts += [", ".join(connection.headers.getlist(name)) for name in CREDENTIALS]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


CurrentPrincipal = Annotated[Principal, Depends(get_principal)]
Caller = Annotated[str, Depends(get_caller)]
