"""What can be done with users. Whatever takes rights away ends logins in the same transaction, before it commits."""

import uuid
from typing import cast

from sqlalchemy import func

from ..auth import audit
from ..auth.method import Method
from ..auth.permissions import Role
from ..auth.user import AuthenticatedUser
from ..db.reader import Reader
from ..db.transaction import Transaction
from ..pagination import Cursors, Page
from . import repository
from .errors import OwnAccount
from .models import User
from .schemas import AdministeredUser, UserAdministration, UserChange, UserQuery, UserRead


async def get(reader: Reader, user_id: uuid.UUID) -> UserRead:
    return UserRead.model_validate(dict(await repository.find(reader, user_id)))


async def change(session: Transaction, user_id: uuid.UUID, changes: UserChange) -> User:
    user = await repository.lock_or_fail(session, user_id)
    for field in changes.model_fields_set:
        setattr(user, field, getattr(changes, field))
    await repository.save(session, user)
    return user


async def remove(session: Transaction, logins: Method, user_id: uuid.UUID) -> None:
    await repository.lock_or_fail(session, user_id)
    await logins.revoke(user_id)
    await repository.remove(session, user_id)
    audit.record(audit.Event.DELETED, user_id)


async def get_administered(reader: Reader, user_id: uuid.UUID) -> AdministeredUser:
    return AdministeredUser.model_validate(dict(await repository.find(reader, user_id)))


async def get_page(reader: Reader, cursors: Cursors, query: UserQuery) -> Page[AdministeredUser]:
    rows = await repository.find_page(reader, query, cursors.decode(query))
    return Page[AdministeredUser].model_validate(cursors.page(rows, query, ("created_at", "id")))


async def administer(
    session: Transaction, logins: Method, administrator: AuthenticatedUser, user_id: uuid.UUID, to: UserAdministration
) -> User:
    """Change the role, or disable the account: either ends all logins, since they carry the role (ASVS 5.0, 8.3.2)."""
    if user_id == administrator.user_id:
        raise OwnAccount("Another administrator has to change your account.")
    user = await repository.lock_or_fail(session, user_id)
    by = str(administrator.user_id)
    if "role" in to.model_fields_set and to.role != user.role:
        await set_role(session, logins, user, role=cast("Role", to.role), by=by)
    if "disabled" in to.model_fields_set and to.disabled != (user.disabled_at is not None):
        await set_disabled(session, logins, user, disabled=bool(to.disabled), by=by)
    await repository.save(session, user)
    return user


async def set_role(session: Transaction, logins: Method, user: User, *, role: Role, by: str) -> None:
    """`user` is locked."""
    user.role = role
    await repository.save(session, user)
    audit.record(audit.Event.ROLE_CHANGED, user.id, role=role, by=by)
    await logins.revoke(user.id)


async def set_disabled(session: Transaction, logins: Method, user: User, *, disabled: bool, by: str) -> None:
    """`user` is locked."""
    user.disabled_at = await session.scalar(func.now()) if disabled else None
    audit.record(audit.Event.DISABLED if disabled else audit.Event.ENABLED, user.id, by=by)
    if disabled:
        await logins.revoke(user.id)


async def end_logins(
    session: Transaction, logins: Method, user_id: uuid.UUID, *, by: str, but: str | None = None
) -> None:
    await repository.lock_or_fail(session, user_id)
    await logins.revoke(user_id, but=but)
    audit.record(audit.Event.LOGINS_ENDED, user_id, logins="all" if but is None else "others", by=by)
