"""The end of a login with the provider: the browser has a code for its tokens. No token is ever in an address."""

import uuid

from fastapi import Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from ...auth.method import Method
from ...users.models import User
from ..service import Arrival, redirect
from ..tickets import Tickets, browser_of

LIFETIME = 60
"""Seconds in which the page must exchange the code."""


class LoginCode(BaseModel):
    """Login that the code stands for."""

    model_config = ConfigDict(frozen=True)

    user_id: uuid.UUID
    authenticated_at: int


async def complete(request: Request, arrival: Arrival, user: User, _: Method, tickets: Tickets) -> RedirectResponse:
    """In the fragment, which no server sees; and no other browser can use it."""
    login = LoginCode(user_id=user.id, authenticated_at=arrival.authenticated_at(request))
    code = await tickets.keep(browser_of(request) or "", login, LIFETIME)
    return redirect(arrival.location(request, f"#login_code={code}"))
