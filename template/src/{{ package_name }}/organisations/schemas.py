import uuid
from datetime import datetime
from typing import Annotated

from pydantic import MISSING, Field

from ..pagination import PageQuery
from ..schemas import NonBlankText, RequestBody, ResponseBody
from ..users.schemas import Email
from .models import OrganisationRole

OrganisationName = Annotated[NonBlankText, Field(min_length=1, max_length=200, examples=["Acme"])]


class OrganisationCreate(RequestBody):
    name: OrganisationName


class OrganisationChange(RequestBody):
    """Changes: only the fields that are sent are changed."""

    name: OrganisationName | MISSING = MISSING


class OrganisationRead(ResponseBody):
    id: uuid.UUID
    name: str
    role: Annotated[OrganisationRole, Field(description="That of the user who asks.")]
    created_at: datetime


class MemberRead(ResponseBody):
    user_id: uuid.UUID
    name: str | None
    email: str
    role: OrganisationRole
    created_at: Annotated[datetime, Field(description="Since when the user is a member.")]


class MemberChange(RequestBody):
    role: OrganisationRole


class InvitationCreate(RequestBody):
    email: Email
    role: OrganisationRole = OrganisationRole.MEMBER


class InvitationRead(ResponseBody):
    id: uuid.UUID
    email: str
    role: OrganisationRole
    created_at: datetime
    expires_at: datetime


class InvitationAcceptance(RequestBody):
    token: Annotated[str, Field(min_length=1, max_length=100, description="From the letter.")]


class OrganisationQuery(PageQuery):
    pass


class MemberQuery(PageQuery):
    pass
