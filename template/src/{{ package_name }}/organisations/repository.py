"""SQL of organisations, their members and their invitations.

A transaction that changes the members of an organisation locks it first: of two owners who leave at once, one stays.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from asyncpg import Record
from sqlalchemy import Select, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.keyset import Keyset
from ..db.reader import Query, Reader
from ..users.models import User
from .errors import OrganisationNotFound
from .models import Invitation, InvitationToken, Membership, Organisation, OrganisationRole

TOKEN_BYTES = 32
INVITED_FOR = timedelta(days=7)

ROLE = Query(
    select(Membership.role).where(
        Membership.organisation_id == bindparam("organisation_id"), Membership.user_id == bindparam("user_id")
    )
)
ORGANISATIONS = (
    select(Organisation.id, Organisation.name, Membership.role, Membership.created_at.label("joined_at"))
    .add_columns(Organisation.created_at)
    .join(Membership, Membership.organisation_id == Organisation.id)
    .where(Membership.user_id == bindparam("user_id"))
)
BY_ID = Query(ORGANISATIONS.where(Organisation.id == bindparam("id")))
MEMBERS = (
    select(User.id.label("user_id"), User.name, User.email, Membership.role, Membership.created_at)
    .join(Membership, Membership.user_id == User.id)
    .where(Membership.organisation_id == bindparam("organisation_id"))
)
INVITATIONS = Query(
    select(Invitation.id, Invitation.email, Invitation.role, Invitation.created_at, Invitation.expires_at)
    .where(Invitation.organisation_id == bindparam("organisation_id"), Invitation.expires_at > func.now())
    .order_by(Invitation.created_at.desc(), Invitation.id.desc())
)
BY_JOINING = Keyset(Membership.created_at, Membership.organisation_id, descending=False)
BY_ARRIVAL = Keyset(Membership.created_at, Membership.user_id, descending=False)


async def find_role(reader: Reader, organisation_id: uuid.UUID, user_id: uuid.UUID) -> OrganisationRole | None:
    row = await reader.first(ROLE, organisation_id=organisation_id, user_id=user_id)
    return OrganisationRole(row["role"]) if row else None


async def find(reader: Reader, organisation_id: uuid.UUID, user_id: uuid.UUID) -> Record:
    row = await reader.first(BY_ID, id=organisation_id, user_id=user_id)
    if row is None:
        raise not_found(organisation_id)
    return row


async def find_page(reader: Reader, user_id: uuid.UUID, limit: int, after: Sequence[Any] | None) -> list[Record]:
    """Return the organisations of which the user is a member, in the order of joining."""
    parameters = BY_JOINING.parameters(after) if after else {}
    return await reader.all(_organisations(continued=after is not None), user_id=user_id, limit=limit + 1, **parameters)


async def find_members(
    reader: Reader, organisation_id: uuid.UUID, limit: int, after: Sequence[Any] | None
) -> list[Record]:
    parameters = BY_ARRIVAL.parameters(after) if after else {}
    page = _members(continued=after is not None)
    return await reader.all(page, organisation_id=organisation_id, limit=limit + 1, **parameters)


async def find_invitations(reader: Reader, organisation_id: uuid.UUID) -> list[Record]:
    """Return open invitations, the newest first. There are few, so there are no pages."""
    return await reader.all(INVITATIONS, organisation_id=organisation_id)


async def lock(session: AsyncSession, organisation_id: uuid.UUID) -> Organisation:
    """Return the current organisation, locked until the transaction ends."""
    found = await session.get(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise not_found(organisation_id)
    return found


async def lock_all(session: AsyncSession, user_id: uuid.UUID) -> list[Organisation]:
    """Lock the organisations of a user in one order, so that no two transactions wait for each other."""
    mine = select(Membership.organisation_id).where(Membership.user_id == user_id)
    locked = select(Organisation).where(Organisation.id.in_(mine)).order_by(Organisation.id).with_for_update()
    return list(await session.scalars(locked))


async def find_member(session: AsyncSession, organisation_id: uuid.UUID, user_id: uuid.UUID) -> Membership | None:
    return await session.get(Membership, (organisation_id, user_id), populate_existing=True)


async def count_members(
    session: AsyncSession, organisation_id: uuid.UUID, *, but: uuid.UUID, role: OrganisationRole | None = None
) -> int:
    """Count the other members."""
    others = select(func.count()).where(Membership.organisation_id == organisation_id, Membership.user_id != but)
    return await session.scalar(others.where(Membership.role == role) if role else others) or 0


async def count_owned(session: AsyncSession, user_id: uuid.UUID) -> int:
    """Count the organisations of which the user is an owner."""
    owned = Membership.user_id == user_id, Membership.role == OrganisationRole.OWNER
    return await session.scalar(select(func.count()).where(*owned)) or 0


async def add_member(
    session: AsyncSession, organisation_id: uuid.UUID, user_id: uuid.UUID, role: OrganisationRole
) -> bool:
    """Return True if the user was no member until now. A member keeps the role."""
    values = {"organisation_id": organisation_id, "user_id": user_id, "role": role}
    added = postgresql.insert(Membership).values(values).on_conflict_do_nothing().returning(Membership.user_id)
    return await session.scalar(added) is not None


async def has_member(session: AsyncSession, organisation_id: uuid.UUID, email: str) -> bool:
    found = select(Membership.user_id).join(User, User.id == Membership.user_id)
    found = found.where(Membership.organisation_id == organisation_id, func.lower(User.email) == func.lower(email))
    return await session.scalar(found) is not None


async def count_invitations(session: AsyncSession, organisation_id: uuid.UUID) -> int:
    """Count open invitations, and delete expired ones."""
    theirs = Invitation.organisation_id == organisation_id
    await session.execute(delete(Invitation).where(theirs, Invitation.expires_at <= func.now()))
    return await session.scalar(select(func.count()).select_from(Invitation).where(theirs)) or 0


async def invite(session: AsyncSession, organisation_id: uuid.UUID, email: str, role: OrganisationRole) -> Invitation:
    """Invite an address. This replaces an earlier invitation, whose letter then no longer works."""
    same = Invitation.organisation_id == organisation_id, func.lower(Invitation.email) == func.lower(email)
    await session.execute(delete(Invitation).where(*same))
    expires_at = await session.scalar(select(func.now() + INVITED_FOR))
    assert expires_at
    invitation = Invitation(organisation_id=organisation_id, email=email, role=role, expires_at=expires_at)
    session.add(invitation)
    await session.flush()
    return invitation


async def draw_token(session: AsyncSession, invitation_id: uuid.UUID) -> tuple[str, str] | None:
    """Return a new token of the invitation and the organisation's name, or `None` if it is no longer open."""
    invitation = await session.get(Invitation, invitation_id, with_for_update={"key_share": True})
    if invitation is None:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await session.execute(insert(InvitationToken).values(hash=_hash(token), invitation_id=invitation_id))
    organisation = await session.get_one(Organisation, invitation.organisation_id)
    return token, organisation.name


async def redeem(session: AsyncSession, token: str, email: str) -> Invitation | None:
    """Use up the token, and return its invitation to this address. Of several uses at the same time, one gets it."""
    invited = select(InvitationToken.invitation_id).where(InvitationToken.hash == _hash(token)).scalar_subquery()
    mine = func.lower(Invitation.email) == func.lower(email), Invitation.expires_at > func.now()
    return await session.scalar(delete(Invitation).where(Invitation.id == invited, *mine).returning(Invitation))


async def revoke_invitation(session: AsyncSession, organisation_id: uuid.UUID, invitation_id: uuid.UUID) -> bool:
    """Return True if there was one."""
    found = delete(Invitation).where(Invitation.id == invitation_id, Invitation.organisation_id == organisation_id)
    return await session.scalar(found.returning(Invitation.id)) is not None


def not_found(organisation_id: uuid.UUID) -> OrganisationNotFound:
    return OrganisationNotFound(f"There is no organisation {organisation_id}.")


@cache
def _organisations(*, continued: bool) -> Query:
    return _page(ORGANISATIONS, BY_JOINING, continued=continued)


@cache
def _members(*, continued: bool) -> Query:
    return _page(MEMBERS, BY_ARRIVAL, continued=continued)


def _page[*Columns](statement: Select[*Columns], order: Keyset, *, continued: bool) -> Query:
    if continued:
        statement = statement.where(order.after(null=False))
    return Query(order.sort(statement).limit(bindparam("limit")))


def _hash(token: str) -> bytes:
    """Hash with SHA-256, which is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
