"""Invitations by letter. The user of the address becomes a member by accepting with the letter's token."""

import hashlib
import hmac
import uuid

from fastapi.requests import HTTPConnection
from limits import parse

from ..auth import audit
from ..db.reader import Reader
from ..db.transaction import Transaction
from ..jobs.queue import Jobs
from ..one_time_tokens.errors import InvalidToken
from ..resources import resources_of
from ..users import repository as users
from . import letters, repository, service
from .access import Member
from .errors import AlreadyMember, InvitationNotFound, TooManyInvitations
from .events import Event
from .models import Invitation, OrganisationRole
from .schemas import InvitationCreate, InvitationRead, OrganisationRead

MOST = 100
"""Largest number of open invitations of an organisation."""

LETTERS_OF_USER = parse("60 per hour")
LETTERS_TO_ADDRESS = parse("5 per hour")


async def count_letter(connection: HTTPConnection, user_id: uuid.UUID, email: str) -> None:
    """Count a letter. Raises `TooManyRequests`. Limits and logs have a digest of the address, never the address."""
    resources = resources_of(connection)
    key = b"invitations\0" + resources.settings.secret_key.get_secret_value().encode()
    digest = hmac.digest(key, email.lower().encode(), hashlib.sha256).hex()[:16]
    await resources.limiter.count(LETTERS_OF_USER, "invitations", str(user_id))
    await resources.limiter.count(LETTERS_TO_ADDRESS, "invitations-to", digest)


async def find_all(reader: Reader, organisation_id: uuid.UUID) -> list[InvitationRead]:
    rows = await repository.find_invitations(reader, organisation_id)
    return [InvitationRead.model_validate(dict(row)) for row in rows]


async def create(session: Transaction, jobs: Jobs, member: Member, new: InvitationCreate) -> Invitation:
    """Invite an address. Only owners can invite owners."""
    await repository.lock(session, member.organisation_id)
    is_owner = new.role is OrganisationRole.OWNER
    await service.require_role(session, member, OrganisationRole.OWNER if is_owner else OrganisationRole.ADMIN)
    if await repository.has_member(session, member.organisation_id, new.email):
        raise AlreadyMember("A member of the organisation has this address.")
    if await repository.count_invitations(session, member.organisation_id) >= MOST:
        raise TooManyInvitations(f"{MOST} invitations are open. Revoke one that you do not need.")
    invitation = await repository.invite(session, member.organisation_id, new.email, new.role)
    await letters.invitation.send(jobs, letters.OfInvitation(invitation_id=invitation.id), to=new.email)
    facts = {"organisation": str(member.organisation_id), "invitation": str(invitation.id), "role": new.role}
    audit.record(Event.INVITED, member.user_id, **facts)
    return invitation


async def revoke(session: Transaction, member: Member, invitation_id: uuid.UUID) -> None:
    if not await repository.revoke_invitation(session, member.organisation_id, invitation_id):
        raise InvitationNotFound(f"There is no invitation {invitation_id}.")
    facts = {"organisation": str(member.organisation_id), "invitation": str(invitation_id)}
    audit.record(Event.REVOKED, member.user_id, **facts)


async def accept(session: Transaction, user_id: uuid.UUID, token: str) -> OrganisationRead:
    """Accept an invitation. Raises `InvalidToken`, also if the letter went to another address than the user's."""
    user = await users.lock_or_fail(session, user_id)
    invitation = await repository.redeem(session, token, user.email)
    if invitation is None:
        raise InvalidToken
    await repository.add_member(session, invitation.organisation_id, user_id, invitation.role)
    facts = {"organisation": str(invitation.organisation_id), "role": invitation.role}
    audit.record(Event.JOINED, user_id, **facts)
    return await service.get(session.reader, invitation.organisation_id, user_id)
