"""Login method: an access token of the issuer identifies a request, together with this project's account of the user.

The database is read for each request. So a disabled account, a new role, and the end of all logins take effect with the
next request, in every process, although the token itself is valid until it expires.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import Record
from fastapi import Response
from fastapi.requests import HTTPConnection

from ..auth import audit
from ..auth.external.access_tokens import AccessToken, AccessTokens, TokenRefused
from ..auth.method import Method
from ..auth.permissions import PERMISSIONS, Role
from ..auth.user import AuthenticatedUser
from ..db.transaction import transaction
from ..resources import Resources, resources_of
from ..single_flight import SingleFlight
from . import repository
from .events import Event
from .provisioning import provision


class ExternalMethod(Method):
    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._tokens = resources[AccessTokens]
        self._flights = SingleFlight()

    async def identify(self, connection: HTTPConnection) -> AuthenticatedUser | None:
        """Read only the header: browsers do not add it themselves, so no page of another origin can have it sent."""
        scheme, _, sent = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = await self._tokens.read(sent.strip())
            found = await self._find(token)
            _require_current(token, found)
        except TokenRefused as refusal:
            audit.record(Event.TOKEN_REFUSED, reason=str(refusal))
            return None
        return _authenticated(token, found)

    async def revoke(self, user_id: uuid.UUID, *, only: str | None = None, but: str | None = None) -> None:
        """Revoke all tokens issued until now. The issuer's own session continues, and it can issue new ones."""
        del only, but  # the logins of a user cannot be told apart
        async with transaction(self._resources) as tx:
            await repository.end_logins(tx, user_id)

    def forget(self, response: Response) -> None:
        """Do nothing: a browser has no cookie of this application."""

    async def _find(self, token: AccessToken) -> Record:
        found = await self._look_up(token)
        if found is None or (found["user_id"] is None and token.issued_at > found["ended_at"].timestamp()):
            key = f"{token.issuer} {token.subject}"
            await self._flights.run(key, lambda: provision(self._resources, token))
            found = await self._look_up(token)
        if found is None:
            raise TokenRefused("account deleted")
        return found

    async def _look_up(self, token: AccessToken) -> Record | None:
        return await repository.find(self._resources.reader, token.issuer, token.subject)


def _require_current(token: AccessToken, found: Record) -> None:
    if found["ended_at"] and token.issued_at <= found["ended_at"].timestamp():
        raise TokenRefused("logins ended")
    if found["user_id"] is None:
        raise TokenRefused("account deleted")
    if found["disabled_at"]:
        raise TokenRefused("account disabled")


def _authenticated(token: AccessToken, found: Record) -> AuthenticatedUser:
    """Return the user, with the permissions of the account's role here and those that the token gives."""
    role = Role(found["role"])
    return AuthenticatedUser(
        "user",
        str(found["user_id"]),
        PERMISSIONS[role] | token.permissions,
        found["user_id"],
        user_id=found["user_id"],
        role=role,
        login="",
        authenticated_at=int(token.authenticated_at),
    )


@asynccontextmanager
async def open_method(resources: Resources) -> AsyncIterator[ExternalMethod]:
    yield ExternalMethod(resources)


async def authenticate(connection: HTTPConnection) -> AuthenticatedUser | None:
    return await resources_of(connection)[ExternalMethod].identify(connection)
