"""SQL of API keys. A key belongs to a user; only authentication looks for keys of all users."""

import uuid
from collections.abc import Collection

from asyncpg import Record
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.ownership import owned
from ..db.reader import Query, Reader
from ..users.models import User
from .models import ApiKey

COLUMNS = (
    ApiKey.id,
    ApiKey.name,
    ApiKey.permissions,
    ApiKey.created_at,
    ApiKey.expires_at,
    ApiKey.last_used_at,
)
ALL = Query(select(*COLUMNS).where(owned(ApiKey)).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()))

FOR_AUTHENTICATION = Query(
    select(
        ApiKey.hash,
        ApiKey.permissions,
        ApiKey.last_used_at,
        (ApiKey.expires_at <= func.now()).label("is_expired"),
        User.id.label("user_id"),
        User.role,
        User.disabled_at,
    )
    .join(User, User.id == ApiKey.owner_id)
    .where(ApiKey.id == bindparam("id"))
)


async def find_all(reader: Reader) -> list[Record]:
    """Return all keys of the owner, the newest first. There are few, so there are no pages."""
    return await reader.all(ALL)


async def find_for_authentication(reader: Reader, key_id: uuid.UUID) -> Record | None:
    return await reader.first(FOR_AUTHENTICATION, id=key_id)


async def count(session: AsyncSession, user_id: uuid.UUID) -> int:
    """Count the keys of a user, expired ones as well."""
    found = await session.scalar(select(func.count()).select_from(ApiKey).where(ApiKey.owner_id == user_id))
    return found or 0


async def save(session: AsyncSession, key: ApiKey) -> None:
    session.add(key)
    await session.flush()


async def remove(session: AsyncSession, key_id: uuid.UUID, user_id: uuid.UUID | None) -> uuid.UUID | None:
    """Delete a key, and return its owner; `None` if there is no such key. Without a user, it may be of any user."""
    statement = delete(ApiKey).where(ApiKey.id == key_id)
    if user_id:
        statement = statement.where(ApiKey.owner_id == user_id)
    return await session.scalar(statement.returning(ApiKey.owner_id))


async def set_used(session: AsyncSession, key_ids: Collection[uuid.UUID]) -> None:
    await session.execute(update(ApiKey).where(ApiKey.id.in_(key_ids)).values(last_used_at=func.now()))
