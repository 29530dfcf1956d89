"""The logins of a user: list them, and end one (ASVS 5.0, 7.5.2)."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from ...errors import NotFound
from ...problems import responses
from ...resources import resource
from ...schemas import ResponseBody
from .. import audit
from ..guard import CurrentUser
from .method import SessionMethod

router = APIRouter(prefix="/auth/sessions", tags=["auth"])

Sessions = Annotated[SessionMethod, Depends(resource(SessionMethod))]


class SessionNotFound(NotFound):
    type = "urn:problem:session-not-found"
    title = "Session not found"


class SessionRead(ResponseBody):
    name: str
    is_current: bool
    """The one that asks."""

    authenticated_at: datetime
    seen_at: datetime
    """To the hour."""

    ends_at: datetime
    address: str
    agent: str


@router.get("")
async def list_sessions(user: CurrentUser, sessions: Sessions) -> list[SessionRead]:
    found = await sessions.store.of_user(user.user_id)
    return [
        SessionRead(
            name=name,
            is_current=name == user.login,
            authenticated_at=datetime.fromtimestamp(session.authenticated_at, UTC),
            seen_at=datetime.fromtimestamp(session.seen_at, UTC),
            ends_at=datetime.fromtimestamp(session.ends_at, UTC),
            address=session.address,
            agent=session.agent,
        )
        for name, session in found.items()
    ]


@router.delete("/{name}", status_code=204, responses=responses(404))
async def end_session(name: str, user: CurrentUser, sessions: Sessions) -> None:
    if name not in await sessions.store.of_user(user.user_id):
        raise SessionNotFound("You have no such session.")
    await sessions.revoke(user.user_id, only=name)
    audit.record(audit.Event.LOGINS_ENDED, user.user_id, logins="one")
