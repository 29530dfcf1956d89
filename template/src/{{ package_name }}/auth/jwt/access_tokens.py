"""Access tokens: JWTs (RFC 9068) that this application signs, and that only this application accepts."""

import time
import uuid
from dataclasses import dataclass

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry
from pydantic import BaseModel, ConfigDict

from ..permissions import Role
from ..verified_tokens import Verified, VerifiedTokens
from .keys import ALGORITHM, Keys
from .settings import JwtSettings

TYPE = "at+jwt"
CLOCKS = 5
"""Time in seconds by which the clocks of our own hosts may differ."""

MAX_LENGTH = 4096
"""Largest length in characters. Our tokens are shorter, so a longer one is not read at all."""

NOT_OURS = (JoseError, ValueError)


class Claims(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    sub: str
    sid: str
    """Name of the login."""

    role: str
    auth_time: int
    gen: str
    """Generation of the list of ended logins: see `revocations.py`."""

    @property
    def user_id(self) -> uuid.UUID:
        return uuid.UUID(self.sub)


@dataclass(frozen=True)
class Signed:
    token: str
    expires_at: int


class AccessTokens:
    def __init__(self, settings: JwtSettings) -> None:
        self.keys = Keys(settings.numbers)
        self._settings = settings
        self._verified = VerifiedTokens[Claims]()
        self._checks = JWTClaimsRegistry(
            leeway=CLOCKS,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            iat={"essential": True},
        )

    def sign(self, claims: Claims, ends_at: int) -> Signed:
        """Sign a token. `ends_at`: end of the login in seconds since 1970; its tokens do not live longer."""
        now = int(time.time())
        expires_at = min(now + self._settings.lifetime, ends_at)
        given = {
            **claims.model_dump(),
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "iat": now,
            "exp": expires_at,
            "jti": str(uuid.uuid4()),
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self.keys.signing.kid}
        return Signed(jwt.encode(header, given, self.keys.signing, algorithms=[ALGORITHM]), expires_at)

    def read(self, token: str) -> Claims | None:
        """Return the claims; `None` if the token is not ours, or no longer valid. A key inside the token is ignored."""
        if len(token) > MAX_LENGTH:
            return None
        known = self._verified.find(token)
        if known and self.keys.find(known.key.kid) is known.key:
            return known.content
        try:
            header = jws.extract_compact(token.encode()).headers()
            key = self.keys.find(header.get("kid"))
            if key is None or header.get("typ") != TYPE:
                return None
            decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
            self._checks.validate(decoded.claims)
            claims = Claims.model_validate(decoded.claims)
            _ = claims.user_id, Role(claims.role)
        except NOT_OURS:
            return None
        self._verified.add(token, Verified(claims, key, decoded.claims["exp"] + CLOCKS))
        return claims
