"""Flow: one login, from the redirect to the provider to the browser's return."""

import base64
import hashlib
import secrets
import time

from pydantic import BaseModel, ConfigDict, Field

RANDOM_BYTES = 32
"""Length of random values: 256 bits."""


def draw() -> str:
    return secrets.token_urlsafe(RANDOM_BYTES)


class Flow(BaseModel):
    """State of a login that has begun. The provider gets the nonce and the challenge; nobody gets the verifier."""

    model_config = ConfigDict(frozen=True)

    nonce: str = Field(default_factory=draw)
    verifier: str = Field(default_factory=draw)
    """Random value that proves that this application requested the code (RFC 7636)."""

    return_to: str
    recent: bool
    """True if the provider must authenticate the user again, even if the user has a session there."""

    started_at: int = Field(default_factory=lambda: int(time.time()))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
