"""Signed tokens: a short-lived access token for requests, and a refresh token to get the next access token."""

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from fastapi.requests import HTTPConnection
from limits import parse

from ...rate_limit import address_of
from ...resources import Resources, resources_of
from .. import audit
from ..credential import Credential
from ..errors import Unauthenticated
from ..login import Login
from ..method import Account, Method, Transport
from ..origin import require_own_origin
from ..permissions import Role
from ..settings import AuthSettings
from ..user import AuthenticatedUser, authenticated_user
from .access_tokens import CLOCKS, AccessTokens, Claims, Signed
from .revocations import Revocations
from .settings import JwtSettings
from .store import LoginStore, Opened, Reused, name_of

COOKIE = "__Host-refresh"
"""Cookie. Browsers refuse this prefix from any other host and without TLS (RFC 6265bis, section 4.1.3)."""

SCHEMES: Mapping[str, Mapping[str, Any]] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
AGENT_LENGTH = 200

REFRESHES_OF_LOGIN = parse("30 per minute")
REFRESHES_OF_ADDRESS = parse("300 per minute")
"""Limit for one address, which many users may share. Each refreshes once in the lifetime of an access token."""


class RefreshTokenRefused(Unauthenticated):
    """Refusal of a refresh token: the same if it was never issued, was used before, or if its login has ended."""

    type = "urn:problem:refresh-token-refused"
    title = "Refresh token refused"

    def __init__(self) -> None:
        super().__init__("This refresh token is not valid, or not any more. Log in again.")


class JwtMethod(Method):
    def __init__(self, resources: Resources) -> None:
        settings, jwt = resources.settings[AuthSettings], resources.settings[JwtSettings]
        self.tokens = AccessTokens(jwt)
        self.revocations = Revocations(resources.redis)
        self.store = LoginStore(
            resources.redis,
            self.revocations,
            idle=settings.idle,
            leeway=jwt.leeway,
            remembered=jwt.lifetime + 2 * CLOCKS,
        )
        self._idle, self._lifetime = settings.idle, settings.lifetime
        self._trusted = frozenset(resources.settings.api.cors_origins)

    async def identify(self, connection: HTTPConnection) -> AuthenticatedUser | None:
        """Read only the header: browsers do not add it themselves, so no page of another origin can have it sent."""
        claims = self._claims(connection)
        if claims is None or await self.revocations.includes(claims.sid, claims.gen):
            return None
        return authenticated_user(claims.user_id, Role(claims.role), claims.sid, claims.auth_time)

    async def issue(self, request: Request, response: Response, account: Account, transport: Transport) -> Credential:
        if transport == "cookie":
            require_own_origin(request, self._trusted)  # or another page could log the browser in to its own account
        if former := self._claims(request):
            await self.store.end(former.user_id, only=former.sid)
        if transport == "cookie" and (cookie := request.cookies.get(COOKIE)):
            await self._end_login_of(cookie)
        agent = request.headers.get("user-agent", "")[:AGENT_LENGTH]
        opened = await self.store.create(self._login(account, account.authenticated_at, address_of(request), agent))
        return self._credential(response, opened, transport)

    async def begin(
        self, account: Account, *, authenticated_at: int | None = None, address: str = "", agent: str = ""
    ) -> tuple[str, datetime]:
        opened = await self.store.create(self._login(account, authenticated_at, address, agent))
        signed = self._sign(opened)
        return signed.token, datetime.fromtimestamp(signed.expires_at, UTC)

    async def refresh(self, request: Request, response: Response, given: str | None) -> Credential:
        """Use the token that was given, or that of the cookie. Raises `RefreshTokenRefused` and `TooManyRequests`."""
        transport: Transport = "bearer" if given else "cookie"
        token = given or request.cookies.get(COOKIE)
        if token is None:
            raise RefreshTokenRefused
        if transport == "cookie":
            require_own_origin(request, self._trusted)
        limiter = resources_of(request).limiter
        await limiter.count(REFRESHES_OF_ADDRESS, "refresh-address", address_of(request))
        await limiter.count(REFRESHES_OF_LOGIN, "refresh", name_of(token))
        try:
            opened = await self.store.rotate(token)
        except Reused as error:
            audit.record(audit.Event.LOGINS_ENDED, error.user_id, logins="one", why="refresh token used twice")
            opened = None
        if opened is None:
            raise RefreshTokenRefused
        return self._credential(response, opened, transport)

    async def list_logins(self, user_id: uuid.UUID) -> dict[str, Login]:
        return await self.store.of_user(user_id)

    async def revoke(self, user_id: uuid.UUID, *, only: str | None = None, but: str | None = None) -> None:
        await self.store.end(user_id, only=only, but=but)

    def forget(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")

    def _claims(self, connection: HTTPConnection) -> Claims | None:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        return self.tokens.read(token.strip()) if scheme.lower() == "bearer" else None

    async def _end_login_of(self, refresh_token: str) -> None:
        """End the former login of a browser that logs in again. Using up its refresh token shows which login it is."""
        try:
            former = await self.store.rotate(refresh_token)
        except Reused:
            return
        if former:
            await self.store.end(former.login.user_id, only=former.name)

    def _login(self, account: Account, authenticated_at: int | None, address: str, agent: str) -> Login:
        now = int(time.time())
        return Login(
            user_id=account.user_id,
            role=account.role,
            authenticated_at=now if authenticated_at is None else authenticated_at,
            seen_at=now,
            ends_at=now + self._lifetime,
            address=address,
            agent=agent,
        )

    def _sign(self, opened: Opened) -> Signed:
        login = opened.login
        claims = Claims(
            sub=str(login.user_id),
            sid=opened.name,
            role=login.role.value,
            auth_time=login.authenticated_at,
            gen=opened.generation,
        )
        return self.tokens.sign(claims, min(login.ends_at, login.seen_at + self._idle))

    def _credential(self, response: Response, opened: Opened, transport: Transport) -> Credential:
        response.headers["Cache-Control"] = "no-store"  # RFC 6750, section 5.3
        signed = self._sign(opened)
        expires_at = datetime.fromtimestamp(signed.expires_at, UTC)
        if transport == "bearer":
            return Credential(token=signed.token, expires_at=expires_at, refresh_token=opened.refresh_token)
        seconds = max(1, opened.login.ends_at - int(time.time()))
        response.set_cookie(
            COOKIE, opened.refresh_token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
        )
        return Credential(token=signed.token, expires_at=expires_at)


@asynccontextmanager
async def open_logins(resources: Resources) -> AsyncIterator[JwtMethod]:
    yield JwtMethod(resources)


async def authenticate(connection: HTTPConnection) -> AuthenticatedUser | None:
    return await resources_of(connection)[JwtMethod].identify(connection)
