import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from ...metadata import DISTRIBUTION
from ...settings import DEVELOPMENT_SECRET, Group

KEY_BYTES = 32
"""Length of a private key of the curve P-256: a number of 256 bits."""

KEY_MIN_DISTINCT = 12
"""Least number of different bytes. A key with fewer was typed, and not drawn at random."""

HOW_TO_MAKE_ONE = "openssl rand -base64 32"
DEVELOPMENT_KEY = hashlib.sha256(DEVELOPMENT_SECRET.encode()).digest()
"""Key that signs in development if none is set. It is public, so the setting refuses it."""


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    keys = [part.strip() for part in value.split(",") if part.strip()]
    if not keys:
        raise ValueError(f"is missing; make one with: {HOW_TO_MAKE_ONE}")
    return keys


def _checked(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for key in keys:
        try:
            number = decode_key(key)
        except ValueError:
            number = b""
        if len(number) != KEY_BYTES or len(set(number)) < KEY_MIN_DISTINCT:
            raise ValueError(f"takes {KEY_BYTES} random bytes in Base64 for each key; make one with: {HOW_TO_MAKE_ONE}")
        if number == DEVELOPMENT_KEY:
            raise ValueError(f"is that of development, which everybody knows; make one with: {HOW_TO_MAKE_ONE}")
    return keys


def decode_key(key: SecretStr) -> bytes:
    """Decode Base64, also with the alphabet for URLs. Raises `ValueError`."""
    text = key.get_secret_value().rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


class JwtSettings(Group):
    development: ClassVar[Mapping[str, Any]] = {"keys": ()}

    keys: Annotated[
        tuple[SecretStr, ...],
        NoDecode,
        BeforeValidator(_split),
        AfterValidator(_checked),
        Field(examples=[base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()]),
    ]
    """Keys, separated by commas, each of 32 random bytes in Base64. The first one signs, and each of them verifies.

    None, in development only: `DEVELOPMENT_KEY` signs.
    """

    issuer: Annotated[str, Field(min_length=1)] = DISTRIBUTION
    """Issuer of the tokens (`iss`)."""

    audience: Annotated[str, Field(min_length=1)] = DISTRIBUTION
    """Audience of the tokens (`aud`). Other services with the same issuer have another one."""

    lifetime: Annotated[int, Field(ge=30, le=3600)] = 600
    """Lifetime in seconds of an access token."""

    leeway: Annotated[int, Field(ge=0, le=10)] = 0
    """Time in seconds in which a second use of a refresh token is refused, but does not end the login.

    Two tabs that refresh at the same moment look like a theft of the token. A thief within this time is not detected.
    """

    @property
    def numbers(self) -> list[bytes]:
        return [decode_key(key) for key in self.keys] or [DEVELOPMENT_KEY]
