"""Tokens of API keys, which clients send to authenticate, such as `shop_0193…_x7Jq…`.

The first part is the name of this project, so that scanners can find a key that has leaked. The second is the id of the
key, which is not secret. The third is 256 random bits, of which only the hash is stored.
"""

import hashlib
import hmac
import re
import secrets
import uuid

from ..metadata import DISTRIBUTION

SECRET_BYTES = 32
FORM = re.compile(re.escape(DISTRIBUTION) + r"_([0-9a-f]{32})_([A-Za-z0-9_-]{43})").fullmatch


def draw_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> bytes:
    """Hash with SHA-256, which is enough for 256 random bits. Nobody can authenticate with a hash from the database."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, hashed: bytes) -> bool:
    return hmac.compare_digest(hash_secret(secret), hashed)


def format_token(key_id: uuid.UUID, secret: str) -> str:
    return f"{DISTRIBUTION}_{key_id.hex}_{secret}"


def parse(token: str) -> tuple[uuid.UUID, str] | None:
    """Return the id and the secret, or `None` if it is not an API key, such as the token of a login."""
    found = FORM(token)
    return (uuid.UUID(hex=found[1]), found[2]) if found else None
