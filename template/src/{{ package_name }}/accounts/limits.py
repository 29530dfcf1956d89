"""Limits of logins and letters. They are counted before a password is hashed, and before a letter is enqueued.

A failed login counts for the account from one address, so that a stranger elsewhere cannot lock the owner out (ASVS
5.0, 6.3.1). It also counts for the address over all accounts. While Redis cannot count, all requests are refused: see
`rate_limit.py`.
"""

import hashlib
import hmac
import uuid

from fastapi.requests import HTTPConnection
from limits import parse

from ..rate_limit import address_of
from ..resources import Resources, resources_of

PASSWORDS_OF_ACCOUNT = parse("10 per 15 minutes")
PASSWORDS_OF_ADDRESS = parse("100 per 15 minutes")
LETTERS_TO_ADDRESS = parse("5 per hour")
LETTERS_OF_ADDRESS = parse("100 per 15 minutes")
TOKENS_OF_ADDRESS = parse("100 per 15 minutes")


def digest(resources: Resources, email: str) -> str:
    """Return a digest of an e-mail address, for limits and logs, which must not hold the address itself."""
    key = b"accounts\0" + resources.settings.secret_key.get_secret_value().encode()
    return hmac.digest(key, email.lower().encode(), hashlib.sha256).hex()[:16]


class PasswordAttempt:
    """Attempt to give the password of an account. `count` raises `TooManyRequests`."""

    def __init__(self, connection: HTTPConnection, account: str | uuid.UUID) -> None:
        self._limiter = resources_of(connection).limiter
        self._address = address_of(connection)
        self._client = f"{account}@{self._address}"

    async def count(self) -> None:
        await self._limiter.count(PASSWORDS_OF_ACCOUNT, "password", self._client)
        await self._limiter.count(PASSWORDS_OF_ADDRESS, "password-address", self._address)

    async def succeeded(self) -> None:
        await self._limiter.clear(PASSWORDS_OF_ACCOUNT, "password", self._client)


async def count_letter(connection: HTTPConnection, email: str) -> None:
    resources = resources_of(connection)
    await resources.limiter.count(LETTERS_OF_ADDRESS, "letters", address_of(connection))
    await resources.limiter.count(LETTERS_TO_ADDRESS, "letters-to", digest(resources, email))


async def count_token(connection: HTTPConnection) -> None:
    await resources_of(connection).limiter.count(TOKENS_OF_ADDRESS, "tokens", address_of(connection))
