"""Route that exchanges the code of a login with the provider for tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from ...auth import audit
from ...auth.method import Account, Credential, Logins, Transport
from ...db.session import Session
from ...problems import responses
from ...rate_limit import RateLimit
from ...schemas import RequestBody
from ...users import repository as users
from ..errors import ProviderLoginFailed
from ..events import Event
from ..router import LIMIT, TicketStore
from ..tickets import browser_of
from .completion import LoginCode

public_router = APIRouter(prefix="/auth/oidc", tags=["auth"])


class ProviderLogin(RequestBody):
    code: Annotated[str, Field(min_length=1, max_length=200, description="From the fragment `#login_code`.")]
    transport: Annotated[Transport, Field(description="`cookie`: the answer has no refresh token.")] = "cookie"


@public_router.post(
    "/tokens",
    status_code=201,
    responses=responses(400, 403, 429),
    dependencies=[Depends(RateLimit(LIMIT, name="oidc-tokens"))],
)
async def exchange_login_code(
    given: ProviderLogin,
    request: Request,
    response: Response,
    tickets: TicketStore,
    session: Session,
    logins: Logins,
) -> Credential:
    """Exchange a code for tokens. It works once, within a minute, in the browser that has logged in."""
    login = await tickets.redeem(LoginCode, browser_of(request), given.code)
    user = await users.lock(session, login.user_id) if login else None
    if login is None or user is None or user.disabled_at:
        audit.record(Event.FAILED, user.id if user else None, why="the code is not valid, or the account is disabled")
        raise ProviderLoginFailed
    account = Account(user.id, user.role, login.authenticated_at)
    credential = await logins.issue(request, response, account, given.transport)
    audit.record(audit.Event.LOGGED_IN, user.id, transport=given.transport, by="provider")
    return credential
