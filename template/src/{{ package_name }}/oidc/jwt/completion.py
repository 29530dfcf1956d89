"""Completion for signed tokens: the browser gets a code that it exchanges for tokens. No token is ever in a URL."""

import uuid

from fastapi import Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from ...auth.method import Method
from ...users.models import User
from ..service import Arrival, redirect
from ..tickets import Tickets, browser_of

LIFETIME = 60
"""Time in seconds in which the page must exchange the code."""


class LoginCode(BaseModel):
    """Login that belongs to the code."""

    model_config = ConfigDict(frozen=True)

    user_id: uuid.UUID
    authenticated_at: int


async def complete(request: Request, arrival: Arrival, user: User, _: Method, tickets: Tickets) -> RedirectResponse:
    """Redirect with the code in the fragment, which no server sees. No other browser can use the code."""
    login = LoginCode(user_id=user.id, authenticated_at=arrival.authenticated_at(request))
    code = await tickets.keep(browser_of(request) or "", login, LIFETIME)
    return redirect(arrival.location(request, f"#login_code={code}"))
