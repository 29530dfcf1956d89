"""The SQL of users. An address is found whatever its capitals."""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from asyncpg import Record
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.errors import violates
from ..db.keyset import Keyset
from ..db.reader import Query, Reader
from .errors import EmailTaken, UserNotFound
from .models import User
from .schemas import UserQuery

COLUMNS = (User.id, User.email, User.name, User.role, User.disabled_at, User.created_at)
BY_ID = Query(select(*COLUMNS).where(User.id == bindparam("id")))
OF_EMAIL = func.lower(User.email) == func.lower(bindparam("email", type_=User.email.type))
FOR_LOGIN = Query(select(User.id, User.email, User.password_hash, User.disabled_at).where(OF_EMAIL))
ORDER = Keyset(User.created_at, User.id, descending=True)


async def find(reader: Reader, user_id: uuid.UUID) -> Record:
    row = await reader.first(BY_ID, id=user_id)
    if row is None:
        raise _not_found(user_id)
    return row


async def find_for_login(reader: Reader, email: str) -> Record | None:
    return await reader.first(FOR_LOGIN, email=email)


async def find_page(reader: Reader, query: UserQuery, after: Sequence[Any] | None) -> list[Record]:
    parameters = {"email": query.email} if query.email else {}
    page = _page(by_email=query.email is not None and query.email != "", continued=after is not None)
    return await reader.all(page, **parameters, **(ORDER.parameters(after) if after else {}), limit=query.limit + 1)


async def lock(session: AsyncSession, user_id: uuid.UUID) -> User | None:
    """The user as it is now, locked until the transaction ends: who logs in, and who ends logins, take turns."""
    return await session.get(User, user_id, with_for_update=True)


async def lock_or_fail(session: AsyncSession, user_id: uuid.UUID) -> User:
    user = await lock(session, user_id)
    if user is None:
        raise _not_found(user_id)
    return user


async def save(session: AsyncSession, user: User) -> None:
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        if violates(error, "uq_users_email"):
            raise EmailTaken("Somebody has an account with this address.") from error
        raise


async def remove(session: AsyncSession, user_id: uuid.UUID) -> None:
    """And all that the user owns."""
    await session.execute(delete(User).where(User.id == user_id))


@cache
def _page(*, by_email: bool, continued: bool) -> Query:
    statement = select(*COLUMNS)
    if by_email:
        statement = statement.where(OF_EMAIL)
    if continued:
        statement = statement.where(ORDER.after(null=False))
    return Query(ORDER.sort(statement).limit(bindparam("limit")))


def _not_found(user_id: uuid.UUID) -> UserNotFound:
    return UserNotFound(f"There is no user {user_id}.")
