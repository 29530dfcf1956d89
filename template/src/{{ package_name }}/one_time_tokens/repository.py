"""SQL of one-time tokens. Each is for one purpose and one address, and works once (ASVS 5.0, 6.4.1)."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.reader import Query, Reader
from .errors import InvalidToken
from .models import OneTimeToken, Purpose

TOKEN_BYTES = 32
LIFETIME = {
    Purpose.REGISTRATION: timedelta(hours=24),
    Purpose.PASSWORD_RESET: timedelta(minutes=15),
    Purpose.EMAIL_CHANGE: timedelta(hours=1),
}
PURGED_AT_ONCE = 100

VALID = Query(
    select(OneTimeToken.email, OneTimeToken.user_id).where(
        OneTimeToken.hash == bindparam("hash"),
        OneTimeToken.purpose == bindparam("purpose"),
        OneTimeToken.expires_at > func.now(),
    )
)


@dataclass(frozen=True)
class Proof:
    email: str
    """Address that is proven."""

    user_id: uuid.UUID | None


async def draw(
    session: AsyncSession,
    purpose: Purpose,
    email: str,
    user_id: uuid.UUID | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """Return a new token, and delete some that have expired."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expired = select(OneTimeToken.hash).where(OneTimeToken.expires_at < func.now()).limit(PURGED_AT_ONCE)
    await session.execute(
        delete(OneTimeToken).where(OneTimeToken.hash.in_(expired.with_for_update(skip_locked=True).scalar_subquery()))
    )
    values = {"purpose": purpose, "email": email, "user_id": user_id}
    expires_at = func.now() + (lifetime or LIFETIME[purpose])
    await session.execute(insert(OneTimeToken).values(hash=_hash(token), expires_at=expires_at, **values))
    return token


async def look_up(reader: Reader, token: str, purpose: Purpose) -> Proof:
    """Return what the token proves, without using it up. Raises `InvalidToken`."""
    row = await reader.first(VALID, hash=_hash(token), purpose=purpose)
    if row is None:
        raise InvalidToken
    return Proof(row["email"], row["user_id"])


async def redeem(session: AsyncSession, token: str, purpose: Purpose) -> Proof:
    """Use the token up. Of several uses at the same time one succeeds, and the others raise `InvalidToken`."""
    found = delete(OneTimeToken).where(
        OneTimeToken.hash == _hash(token), OneTimeToken.purpose == purpose, OneTimeToken.expires_at > func.now()
    )
    row = (await session.execute(found.returning(OneTimeToken.email, OneTimeToken.user_id))).first()
    if row is None:
        raise InvalidToken
    return Proof(row.email, row.user_id)


async def revoke(session: AsyncSession, user_id: uuid.UUID) -> None:
    """Delete all tokens of a user, as after a change of the password or of the address."""
    await session.execute(delete(OneTimeToken).where(OneTimeToken.user_id == user_id))


def _hash(token: str) -> bytes:
    """Hash with SHA-256, which is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
