import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from ..auth.guard import CurrentUser, RecentUser
from ..db.session import ReadOnly, Session
from ..jobs.queue import JobQueue
from ..pagination import Page, SignedCursors
from ..problems import responses
from ..rate_limit import RateLimit
from . import invitations, service
from .access import CurrentMember, organisation_router, require_role
from .models import OrganisationRole
from .schemas import (
    InvitationAcceptance,
    InvitationCreate,
    InvitationRead,
    MemberChange,
    MemberQuery,
    MemberRead,
    OrganisationChange,
    OrganisationCreate,
    OrganisationQuery,
    OrganisationRead,
)

ADMIN = require_role(OrganisationRole.ADMIN)

router = APIRouter(tags=["organisations"])
own_router = organisation_router("", tags=["organisations"])


@router.get("/organisations", responses=responses(400))
async def list_organisations(
    user: CurrentUser, query: Annotated[OrganisationQuery, Query()], reader: ReadOnly, cursors: SignedCursors
) -> Page[OrganisationRead]:
    """List the organisations of which you are a member."""
    return await service.get_page(reader, cursors, user.user_id, query)


@router.post("/organisations", status_code=201, responses=responses(404, 409))
async def create_organisation(user: CurrentUser, new: OrganisationCreate, session: Session) -> OrganisationRead:
    """Create an organisation. You are its first owner."""
    return await service.create(session, user.user_id, new)


@router.post(
    "/invitations/accept",
    responses=responses(404, 429),
    dependencies=[Depends(RateLimit("30/minute", name="invitation-tokens"))],
)
async def accept_invitation(user: CurrentUser, given: InvitationAcceptance, session: Session) -> OrganisationRead:
    """Become a member, with the token of the letter, which went to the address of your account."""
    return await invitations.accept(session, user.user_id, given.token)


@own_router.get("")
async def read_organisation(_: CurrentUser, member: CurrentMember, reader: ReadOnly) -> OrganisationRead:
    return await service.get(reader, member.organisation_id, member.user_id)


@own_router.patch("", dependencies=[ADMIN])
async def change_organisation(
    _: CurrentUser, member: CurrentMember, changes: OrganisationChange, session: Session
) -> OrganisationRead:
    return await service.change(session, member, changes)


@own_router.delete("", status_code=204)
async def remove_organisation(_: RecentUser, member: CurrentMember, session: Session) -> None:
    """Remove the organisation, and all that it owns. Only owners may, after they have lately given the password."""
    await service.remove(session, member)


@own_router.get("/members", responses=responses(400))
async def list_members(
    _: CurrentUser,
    member: CurrentMember,
    query: Annotated[MemberQuery, Query()],
    reader: ReadOnly,
    cursors: SignedCursors,
) -> Page[MemberRead]:
    return await service.get_members(reader, cursors, member, query)


@own_router.patch("/members/{user_id:uuid}", responses=responses(409))
async def change_member(
    user_id: uuid.UUID, _: CurrentUser, member: CurrentMember, change: MemberChange, session: Session
) -> MemberRead:
    """Change the role. Only owners can give or take the role of an owner."""
    return await service.change_role(session, member, user_id, change.role)


@own_router.delete("/members/{user_id:uuid}", status_code=204, responses=responses(409))
async def remove_member(user_id: uuid.UUID, _: CurrentUser, member: CurrentMember, session: Session) -> None:
    """Remove a member, or leave, with your own id. The last owner cannot be removed."""
    await service.remove_member(session, member, user_id)


@own_router.get("/invitations", dependencies=[ADMIN])
async def list_invitations(_: CurrentUser, member: CurrentMember, reader: ReadOnly) -> list[InvitationRead]:
    """List the open invitations, the newest first."""
    return await invitations.find_all(reader, member.organisation_id)


@own_router.post("/invitations", status_code=201, responses=responses(409, 429), dependencies=[ADMIN])
async def invite_member(
    request: Request,
    _: CurrentUser,
    member: CurrentMember,
    new: InvitationCreate,
    session: Session,
    jobs: JobQueue,
) -> InvitationRead:
    """Send an invitation to the address. It replaces an earlier one, and works for a week."""
    await invitations.count_letter(request, member.user_id, new.email)
    return InvitationRead.model_validate(await invitations.create(session, jobs, member, new))


@own_router.delete("/invitations/{invitation_id:uuid}", status_code=204, dependencies=[ADMIN])
async def revoke_invitation(invitation_id: uuid.UUID, _: CurrentUser, member: CurrentMember, session: Session) -> None:
    await invitations.revoke(session, member, invitation_id)
