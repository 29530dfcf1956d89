"""SQL of identities."""

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.errors import violates
from ..users.models import User
from .models import Identity


class IdentityTaken(Exception):
    """Another login of the same user of the provider was faster."""


async def find_user(session: AsyncSession, issuer: str, subject: str) -> uuid.UUID | None:
    statement = select(Identity.user_id).where(Identity.issuer == issuer, Identity.subject == subject)
    return await session.scalar(statement)


async def add(session: AsyncSession, issuer: str, subject: str, user: User) -> None:
    """Add the identity. Raises `IdentityTaken`."""
    session.add(Identity(issuer=issuer, subject=subject, user_id=user.id))
    try:
        await session.flush()
    except IntegrityError as error:
        if violates(error, "pk_identities"):
            raise IdentityTaken from error
        raise
