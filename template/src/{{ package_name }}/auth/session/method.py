"""Sessions: an opaque id in a cookie or as a bearer token. All data of the session is in Redis."""

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from fastapi.requests import HTTPConnection

from ...rate_limit import address_of
from ...resources import Resources, resources_of
from ..login import Login
from ..method import Account, Credential, Method, Transport
from ..origin import require_own_origin
from ..settings import AuthSettings
from ..user import AuthenticatedUser, authenticated_user
from .store import Session, SessionStore, name_of

COOKIE = "__Host-session"
"""Cookie. Browsers refuse this prefix from any other host and without TLS (RFC 6265bis, section 4.1.3)."""

SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
AGENT_LENGTH = 200


class SessionMethod(Method):
    def __init__(self, resources: Resources) -> None:
        settings = resources.settings[AuthSettings]
        self.store = SessionStore(resources.redis, settings.idle)
        self._lifetime = settings.lifetime
        self._trusted = frozenset(resources.settings.api.cors_origins)

    async def identify(self, connection: HTTPConnection) -> AuthenticatedUser | None:
        session_id = self._session_id(connection)
        if session_id is None:
            return None
        name = name_of(session_id)
        session = await self.store.find(name)
        if session is None:
            return None
        return authenticated_user(session.user_id, session.role, name, session.authenticated_at)

    async def issue(self, request: Request, response: Response, account: Account, transport: Transport) -> Credential:
        if transport == "cookie":
            require_own_origin(request, self._trusted)  # or another page could log the browser in to its own account
        former = self._session_id(request)
        if former and (session := await self.store.find(name_of(former))):
            await self.store.end(session.user_id, name_of(former))
        agent = request.headers.get("user-agent", "")[:AGENT_LENGTH]
        token, expires_at = await self.begin(
            account, authenticated_at=account.authenticated_at, address=address_of(request), agent=agent
        )
        response.headers["Cache-Control"] = "no-store"  # RFC 6750, section 5.3
        if transport == "bearer":
            return Credential(token=token, expires_at=expires_at)
        response.set_cookie(COOKIE, token, max_age=self._lifetime, path="/", secure=True, httponly=True, samesite="lax")
        return Credential(expires_at=expires_at)

    async def begin(
        self, account: Account, *, authenticated_at: int | None = None, address: str = "", agent: str = ""
    ) -> tuple[str, datetime]:
        now = int(time.time())
        session = Session(
            user_id=account.user_id,
            role=account.role,
            authenticated_at=now if authenticated_at is None else authenticated_at,
            seen_at=now,
            ends_at=now + self._lifetime,
            address=address,
            agent=agent,
        )
        return await self.store.create(session), datetime.fromtimestamp(session.ends_at, UTC)

    async def list_logins(self, user_id: uuid.UUID) -> dict[str, Login]:
        return dict(await self.store.of_user(user_id))

    async def revoke(self, user_id: uuid.UUID, *, only: str | None = None, but: str | None = None) -> None:
        if only is not None:
            await self.store.end(user_id, only)
        else:
            await self.store.end_all(user_id, but=but)

    def forget(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")

    def _session_id(self, connection: HTTPConnection) -> str | None:
        """Return the session id. A bearer token wins over the cookie, which a browser adds automatically."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
        if cookie := connection.cookies.get(COOKIE):
            require_own_origin(connection, self._trusted)
            return cookie
        return None


@asynccontextmanager
async def open_logins(resources: Resources) -> AsyncIterator[SessionMethod]:
    yield SessionMethod(resources)


async def authenticate(connection: HTTPConnection) -> AuthenticatedUser | None:
    return await resources_of(connection)[SessionMethod].identify(connection)
