"""Letter of an invitation; its text is in `letters/`. The token is drawn when it is sent, so none is stored."""

import uuid

from pydantic import BaseModel

from ..auth.settings import AuthSettings
from ..mail.letter import Letter, Sending
from . import repository


class OfInvitation(BaseModel):
    invitation_id: uuid.UUID


class InvitationShown(BaseModel):
    """Values of the text. In a link, the token is in the fragment, which no server sees (ASVS 5.0, 14.2.1)."""

    organisation: str
    token: str
    link: str | None


async def draw_invitation(of: OfInvitation, sending: Sending) -> InvitationShown | None:
    drawn = await repository.draw_token(sending.tx, of.invitation_id)
    if drawn is None:
        return None  # the invitation was revoked, or replaced by another one
    token, organisation = drawn
    base = sending.resources.settings[AuthSettings].frontend_url
    link = f"{str(base).removesuffix('/')}/accept-invitation#token={token}" if base else None
    return InvitationShown(organisation=organisation, token=token, link=link)


invitation = Letter("organisations.invitation", OfInvitation, prepare=draw_invitation, shown=InvitationShown)
