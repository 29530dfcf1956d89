"""Sessions of a user: list them, and end one (ASVS 5.0, 7.5.2)."""

from datetime import UTC, datetime

from fastapi import APIRouter

from ..errors import NotFound
from ..problems import responses
from ..schemas import ResponseBody
from . import audit
from .guard import CurrentUser
from .method import Logins

router = APIRouter(prefix="/auth/sessions", tags=["auth"])


class SessionNotFound(NotFound):
    type = "urn:problem:session-not-found"
    title = "Session not found"


class SessionRead(ResponseBody):
    name: str
    is_current: bool
    """True for the session of this request."""

    authenticated_at: datetime
    seen_at: datetime
    """Time of the last use, rounded to an hour; with refresh tokens, of the last refresh."""

    ends_at: datetime
    address: str
    agent: str


@router.get("")
async def list_sessions(user: CurrentUser, logins: Logins) -> list[SessionRead]:
    found = await logins.list_logins(user.user_id)
    return [
        SessionRead(
            name=name,
            is_current=name == user.login,
            authenticated_at=datetime.fromtimestamp(login.authenticated_at, UTC),
            seen_at=datetime.fromtimestamp(login.seen_at, UTC),
            ends_at=datetime.fromtimestamp(login.ends_at, UTC),
            address=login.address,
            agent=login.agent,
        )
        for name, login in found.items()
    ]


@router.delete("/{name}", status_code=204, responses=responses(404))
async def end_session(name: str, user: CurrentUser, logins: Logins) -> None:
    if name not in await logins.list_logins(user.user_id):
        raise SessionNotFound("You have no such session.")
    await logins.revoke(user.user_id, only=name)
    audit.record(audit.Event.LOGINS_ENDED, user.user_id, logins="one")
