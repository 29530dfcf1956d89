"""Operations on organisations and their members. They read the member's role again while they hold the lock."""

import uuid

from ..auth import audit
from ..db.reader import Reader
from ..db.transaction import Transaction
from ..pagination import Cursors, Page
from ..users import repository as users
from . import repository
from .access import Member
from .errors import LastOwner, MemberNotFound, RoleMissing, TooManyOrganisations
from .events import Event
from .models import Membership, Organisation, OrganisationRole
from .schemas import (
    MemberQuery,
    MemberRead,
    OrganisationChange,
    OrganisationCreate,
    OrganisationQuery,
    OrganisationRead,
)

MOST = 25
"""Most organisations of which a user is an owner: each one has its own limits."""


async def get(reader: Reader, organisation_id: uuid.UUID, user_id: uuid.UUID) -> OrganisationRead:
    return OrganisationRead.model_validate(dict(await repository.find(reader, organisation_id, user_id)))


async def get_page(
    reader: Reader, cursors: Cursors, user_id: uuid.UUID, query: OrganisationQuery
) -> Page[OrganisationRead]:
    rows = await repository.find_page(reader, user_id, query.limit, cursors.decode(query))
    return Page[OrganisationRead].model_validate(cursors.page(rows, query, ("joined_at", "id")))


async def create(session: Transaction, user_id: uuid.UUID, new: OrganisationCreate) -> OrganisationRead:
    await users.lock_or_fail(session, user_id)  # requests at the same time are counted one after the other
    if await repository.count_owned(session, user_id) >= MOST:
        raise TooManyOrganisations(f"You are an owner of {MOST} organisations. Remove one, or leave one.")
    organisation = Organisation(name=new.name)
    session.add(organisation)
    await session.flush()
    await repository.add_member(session, organisation.id, user_id, OrganisationRole.OWNER)
    audit.record(Event.CREATED, user_id, organisation=str(organisation.id))
    return await get(session.reader, organisation.id, user_id)


async def change(session: Transaction, member: Member, changes: OrganisationChange) -> OrganisationRead:
    organisation = await repository.lock(session, member.organisation_id)
    for field in changes.model_fields_set:
        setattr(organisation, field, getattr(changes, field))
    return await get(session.reader, member.organisation_id, member.user_id)


async def remove(session: Transaction, member: Member) -> None:
    """Remove the organisation, and all that it owns."""
    organisation = await repository.lock(session, member.organisation_id)
    await require_role(session, member, OrganisationRole.OWNER)
    await session.delete(organisation)
    audit.record(Event.DELETED, member.user_id, organisation=str(member.organisation_id))


async def get_members(reader: Reader, cursors: Cursors, member: Member, query: MemberQuery) -> Page[MemberRead]:
    rows = await repository.find_members(reader, member.organisation_id, query.limit, cursors.decode(query))
    return Page[MemberRead].model_validate(cursors.page(rows, query, ("created_at", "user_id")))


async def change_role(session: Transaction, member: Member, user_id: uuid.UUID, role: OrganisationRole) -> MemberRead:
    """Change a role. Admins change the roles of admins and members; owners change all roles."""
    changed = await _lock_member(session, member, user_id)
    await require_role(session, member, _ruler(changed.role, role))
    if changed.role is OrganisationRole.OWNER and role is not OrganisationRole.OWNER:
        await _require_other_owner(session, changed)
    changed.role = role
    await session.flush()
    facts = {"organisation": str(member.organisation_id), "role": role, "by": str(member.user_id)}
    audit.record(Event.ROLE_CHANGED, user_id, **facts)
    user = await users.find(session.reader, user_id)
    return MemberRead(user_id=user_id, name=user["name"], email=user["email"], role=role, created_at=changed.created_at)


async def remove_member(session: Transaction, member: Member, user_id: uuid.UUID) -> None:
    """Remove a member. All may leave. Admins remove admins and members; owners remove all."""
    removed = await _lock_member(session, member, user_id)
    if user_id != member.user_id:
        await require_role(session, member, _ruler(removed.role))
    if removed.role is OrganisationRole.OWNER:
        await _require_other_owner(session, removed)
    await session.delete(removed)
    facts = {"organisation": str(member.organisation_id), "by": str(member.user_id)}
    audit.record(Event.REMOVED, user_id, **facts)


async def leave_all(session: Transaction, user_id: uuid.UUID) -> None:
    """Leave all organisations before the account is removed. Those without other members are removed as well.

    Raises `LastOwner` for an organisation that has other members, but no other owner.
    """
    for organisation in await repository.lock_all(session, user_id):
        if not await repository.count_members(session, organisation.id, but=user_id):
            await session.delete(organisation)
            audit.record(Event.DELETED, user_id, organisation=str(organisation.id))
        elif not await repository.count_members(session, organisation.id, but=user_id, role=OrganisationRole.OWNER):
            raise LastOwner(f"You are the last owner of {organisation.name!r}. Make another member an owner first.")
    await session.flush()


async def require_role(session: Transaction, member: Member, least: OrganisationRole) -> None:
    """Refuse a member who does not have this role now: it may have changed since the request began."""
    current = await repository.find_member(session, member.organisation_id, member.user_id)
    if current is None:
        raise repository.not_found(member.organisation_id)
    if current.role.rank < least.rank:
        raise RoleMissing(f"This takes the role {least} in the organisation.")


def _ruler(*roles: OrganisationRole) -> OrganisationRole:
    """Return the role that is needed to give or take these roles."""
    return OrganisationRole.OWNER if OrganisationRole.OWNER in roles else OrganisationRole.ADMIN


async def _lock_member(session: Transaction, member: Member, user_id: uuid.UUID) -> Membership:
    await repository.lock(session, member.organisation_id)
    found = await repository.find_member(session, member.organisation_id, user_id)
    if found is None:
        raise MemberNotFound(f"The organisation has no member {user_id}.")
    return found


async def _require_other_owner(session: Transaction, owner: Membership) -> None:
    others = await repository.count_members(
        session, owner.organisation_id, but=owner.user_id, role=OrganisationRole.OWNER
    )
    if not others:
        raise LastOwner("The organisation has no other owner. Make another member an owner first.")
