"""Principal: the user, service or anonymous client that a request comes from.

Idempotency keys, rate limits, cursors, logs and traces of different principals are apart. A feature that authenticates
gives `Feature.authenticate`; while none does, every request is anonymous.
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
"""Header fields that tell anonymous clients apart: two requests that differ in one may come from two clients."""


@dataclass(frozen=True)
class Principal:
    kind: str
    """Such as `user` or `service`."""

    id: str
    """Stable for this principal, also when a token is renewed. It is logged: no secret, no e-mail address."""

    scopes: frozenset[str] = frozenset()
    """What it may do, beyond what everybody may."""

    owner: uuid.UUID | None = None
    """Whose rows it reads and writes, where they have an owner: see `db/ownership.py`."""

    @property
    def is_anonymous(self) -> bool:
        return self.kind == "anonymous"

    @property
    def key(self) -> str:
        """Keeps apart what this principal does with the rows of different owners."""
        return str(self) if self.owner is None else f"{self} {self.owner}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


ANONYMOUS = Principal("anonymous", "")


def known_principal(connection: HTTPConnection) -> Principal:
    """The principal, if anything has asked for it in this request; else the anonymous one."""
    known: Principal = getattr(connection.state, "principal", ANONYMOUS)
    return known


async def get_principal(connection: HTTPConnection) -> Principal:
    """Authenticated once for each request. Raises what the feature that authenticates raises."""
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
    """A digest of the caller. Anonymous ones differ by the credentials that they send; without any, all are one."""
    principal = await get_principal(connection)
    parts = [principal.key]
    if principal.is_anonymous:
        parts += [", ".join(connection.headers.getlist(name)) for name in CREDENTIALS]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


CurrentPrincipal = Annotated[Principal, Depends(get_principal)]
Caller = Annotated[str, Depends(get_caller)]
