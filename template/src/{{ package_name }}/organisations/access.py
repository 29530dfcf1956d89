"""Access to an organisation: only its members can use its routes, and read and write its rows.

    router = organisation_router("/orders", tags=["orders"])

The organisation is in the path, and nowhere else. Others get the same response as for an organisation that does not
exist (ASVS 5.0, 8.4.1). The membership is read for each request: a member who was removed loses access at once.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from fastapi.requests import HTTPConnection

from ..auth import audit
from ..principal import get_principal
from ..problems import responses
from ..resources import resources_of
from . import repository
from .errors import OrganisationNotFound, RoleMissing
from .models import OrganisationRole

PREFIX = "/organisations/{organisation_id:uuid}"


@dataclass(frozen=True)
class Member:
    """Sender of this request, as a member of the organisation in its path."""

    organisation_id: uuid.UUID
    user_id: uuid.UUID
    """User who sends the request, also if it is sent with an API key of the user."""

    role: OrganisationRole


async def enter(organisation_id: uuid.UUID, connection: HTTPConnection) -> Member:
    """Return the member. From here on, the request uses the rows of the organisation, and not those of its user."""
    principal = await get_principal(connection)
    user_id = principal.owner
    role = await repository.find_role(resources_of(connection).reader, organisation_id, user_id) if user_id else None
    if user_id is None or role is None:
        raise OrganisationNotFound(f"There is no organisation {organisation_id}.")
    connection.state.principal = replace(principal, owner=organisation_id)
    structlog.contextvars.bind_contextvars(organisation=str(organisation_id))
    return Member(organisation_id, user_id, role)


CurrentMember = Annotated[Member, Depends(enter)]


class RoleGuard:
    """Guard that accepts members with at least this role."""

    def __init__(self, least: OrganisationRole) -> None:
        self._least = least

    async def __call__(self, member: CurrentMember) -> None:
        if member.role.rank < self._least.rank:
            audit.record(
                audit.Event.REFUSED, member.user_id, organisation=str(member.organisation_id), role=self._least
            )
            raise RoleMissing(f"This takes the role {self._least} in the organisation.")


def require_role(least: OrganisationRole) -> Any:  # noqa: ANN401 - what FastAPI takes as a dependency has no public type
    """Return the dependency of a route of an `organisation_router`."""
    return Depends(RoleGuard(least))


def organisation_router(prefix: str, *, tags: list[str]) -> APIRouter:
    """Return a router below the organisation, whose routes only its members can use."""
    return APIRouter(prefix=PREFIX + prefix, tags=list(tags), dependencies=[Depends(enter)], responses=responses(404))
