"""SQL of identities."""

import uuid
from datetime import timedelta

from asyncpg import Record
from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.reader import Query, Reader
from ..users.models import User
from .models import Identity

BY_SUBJECT = Query(
    select(Identity.user_id, Identity.ended_at, User.role, User.disabled_at)
    .outerjoin(User, User.id == Identity.user_id)
    .where(Identity.issuer == bindparam("issuer"), Identity.subject == bindparam("subject"))
)


async def find(reader: Reader, issuer: str, subject: str) -> Record | None:
    return await reader.first(BY_SUBJECT, issuer=issuer, subject=subject)


async def lock_user_without_identity(session: AsyncSession, email: str, issuer: str) -> User | None:
    """Lock the user with this address, if the user has no identity of this issuer yet."""
    known = exists().where(Identity.user_id == User.id, Identity.issuer == issuer)
    statement = select(User).where(func.lower(User.email) == func.lower(email), ~known)
    found: User | None = await session.scalar(statement.with_for_update())
    return found


async def add(session: AsyncSession, issuer: str, subject: str, user_id: uuid.UUID) -> bool:
    """Return False if the identity has an account already. Of several requests at the same time, one adds it."""
    new = insert(Identity).values(issuer=issuer, subject=subject, user_id=user_id)
    statement = new.on_conflict_do_update(
        index_elements=[Identity.issuer, Identity.subject],
        set_={"user_id": new.excluded.user_id},
        where=Identity.user_id.is_(None),  # its former account was deleted
    )
    return await session.scalar(statement.returning(Identity.user_id)) is not None


async def end_logins(session: AsyncSession, user_id: uuid.UUID) -> None:
    await session.execute(update(Identity).where(Identity.user_id == user_id).values(ended_at=func.clock_timestamp()))


async def remove_remains(session: AsyncSession, age: timedelta) -> None:
    """Delete identities of deleted accounts when none of their tokens can be valid any more."""
    is_old = Identity.ended_at < func.now() - age
    await session.execute(delete(Identity).where(Identity.user_id.is_(None), is_old))
