"""Access tokens: JWTs that the issuer has signed for this API, and that are valid now.

The checks follow RFC 9068 (section 4) and RFC 8725. Many providers are older than both, so settings say how closely a
provider follows them.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..permissions import PERMISSIONS, Permission, Role
from ..verified_tokens import Verified, VerifiedTokens
from .keys import Keys
from .settings import ExternalSettings

MAX_LENGTH = 16 * 1024
"""Largest length in characters. A longer token is not read at all."""

ID_TOKEN_CLAIMS = {"nonce", "at_hash", "c_hash", "s_hash"}
"""Claims that only an ID token has (OpenID Connect Core 1.0, sections 2 and 3.3.2.11)."""

CLIENT_CLAIMS = ("azp", "client_id", "appid")
NAME_LENGTH = 200


class TokenRefused(Exception):
    """Refusal of a token. The reason is for the log, and is not sent to the client."""


@dataclass(frozen=True)
class AccessToken:
    issuer: str
    subject: str
    issued_at: float
    """Time of issue. This and the other times are seconds since 1970."""

    authenticated_at: float
    """Time of the login; 0 if the token does not have it."""

    permissions: frozenset[Permission]
    """Permissions that the token itself gives."""

    email: str | None
    """E-mail address, if the issuer has verified it."""

    name: str | None


class Claims(BaseModel):
    """Claims that every token has."""

    model_config = ConfigDict(strict=True, extra="allow")

    iss: str
    aud: str | list[str]
    exp: float = Field(allow_inf_nan=False)
    iat: float = Field(allow_inf_nan=False)
    nbf: float = Field(default=0.0, allow_inf_nan=False)


class AccessTokens:
    def __init__(self, settings: ExternalSettings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys
        self._verified = VerifiedTokens[AccessToken]()
        self._types = {_plain_type(each) for each in settings.types}

    async def read(self, token: str) -> AccessToken:
        """Return the verified token. Raises `TokenRefused`, and `Unavailable` if the keys cannot be fetched."""
        if len(token) > MAX_LENGTH:
            raise TokenRefused("too long")
        known = self._verified.find(token)
        if known and await self._keys.find(str(known.key.kid)) is known.key:
            return known.content
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError) as error:
            raise TokenRefused("no signed token: it is opaque, encrypted, or for something else") from error
        key_id = self._checked_key_id(header)
        key = await self._keys.find(key_id)
        if key is None:
            raise TokenRefused("unknown key")
        try:
            decoded = jwt.decode(token, key, algorithms=self._settings.algorithms)
            claims = Claims.model_validate(decoded.claims)
        except ValidationError as error:
            raise TokenRefused(f"claim {error.errors()[0]['loc'][0]}") from error
        except (JoseError, ValueError) as error:
            raise TokenRefused("signature") from error
        self._check_times(claims)
        self._check_audience(claims)
        read = self._access_token(claims, decoded.claims)
        self._verified.add(token, Verified(read, key, claims.exp + self._settings.leeway))
        return read

    def _checked_key_id(self, header: Mapping[str, Any]) -> str:
        """Return the id of the key, after checks that need no key. A key inside the token is ignored."""
        if header.get("alg") not in self._settings.algorithms:
            raise TokenRefused("algorithm")
        kind = header.get("typ")
        if not isinstance(kind, str) or _plain_type(kind) not in self._types:
            raise TokenRefused("type")
        key_id = header.get("kid")
        if not isinstance(key_id, str) or not key_id:
            raise TokenRefused("unknown key")
        return key_id

    def _check_times(self, claims: Claims) -> None:
        now, leeway = time.time(), self._settings.leeway
        if now >= claims.exp + leeway:
            raise TokenRefused("expired")
        if now < claims.nbf - leeway or now < claims.iat - leeway:
            raise TokenRefused("not yet valid")
        if claims.exp - claims.iat > self._settings.max_lifetime:
            raise TokenRefused("lives longer than EXTERNAL_MAX_LIFETIME")

    def _check_audience(self, claims: Claims) -> None:
        """Refuse a token that is not of this issuer, for this API and for an allowed client."""
        if claims.iss != self._settings.issuer:
            raise TokenRefused("issuer")
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if not set(self._settings.audience).intersection(audience):
            raise TokenRefused("audience")
        others = claims.model_extra or {}
        kind = others.get("typ")  # Keycloak has its kind here; its older versions put a nonce into access tokens
        is_access_token = kind == "Bearer" if isinstance(kind, str) else ID_TOKEN_CLAIMS.isdisjoint(others)
        if not is_access_token:
            raise TokenRefused("no access token but an ID token, or one of another kind")
        clients = [others[name] for name in CLIENT_CLAIMS if name in others]
        if self._settings.clients and (not clients or any(each not in self._settings.clients for each in clients)):
            raise TokenRefused("client")

    def _access_token(self, claims: Claims, all_claims: Mapping[str, Any]) -> AccessToken:
        settings = self._settings
        subject = find_claim(all_claims, settings.subject_claim)
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "\0" in subject:
            raise TokenRefused(f"claim {settings.subject_claim}")
        held = {each for name in settings.claims for each in texts(find_claim(all_claims, name))}
        if settings.required and held.isdisjoint(settings.required):
            raise TokenRefused("none of EXTERNAL_REQUIRED")
        authenticated_at = find_claim(all_claims, settings.auth_time_claim)
        is_verified = find_claim(all_claims, f"{settings.email_claim}_verified") is True
        email = find_claim(all_claims, settings.email_claim) if is_verified else None
        return AccessToken(
            issuer=claims.iss,
            subject=subject,
            issued_at=claims.iat,
            authenticated_at=authenticated_at if isinstance(authenticated_at, int | float) else 0,
            permissions=permissions_of(held, settings.grants),
            email=email if isinstance(email, str) else None,
            name=_name(all_claims.get("name")),
        )


def permissions_of(held: set[str], grants: Mapping[str, str]) -> frozenset[Permission]:
    """Return the permissions that the scopes and roles of a token give here."""
    given = {grants[each] for each in held if each in grants}
    roles = [PERMISSIONS[role] for role in Role if role in given]
    return frozenset(each for each in Permission if each in given).union(*roles)


def find_claim(claims: Mapping[str, Any], path: str) -> object:
    """Return the claim of this name, or of this path with dots through objects; `None` if there is none."""
    if path in claims:  # also a name that is a URL, as those of Auth0 are
        return claims[path]
    for end in (position for position, character in enumerate(path) if character == "."):
        inner = claims.get(path[:end])
        if isinstance(inner, Mapping) and (found := find_claim(inner, path[end + 1 :])) is not None:
            return found
    return None


def texts(value: object) -> list[str]:
    """Return the texts of a list, or the words of a text with spaces (RFC 6749, section 3.3)."""
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _plain_type(kind: str) -> str:
    """Return the media type in lower case and without `application/`: both are optional (RFC 7515, section 4.1.9)."""
    return kind.lower().removeprefix("application/")


def _name(value: object) -> str | None:
    is_text = isinstance(value, str) and value.isprintable() and value.strip()
    return str(value).strip()[:NAME_LENGTH] if is_text else None
