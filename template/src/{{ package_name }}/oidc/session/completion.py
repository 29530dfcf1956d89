"""Completion for sessions: the browser gets its session."""

from fastapi import Request
from fastapi.responses import RedirectResponse

from ...auth import audit
from ...auth.method import Account, Method
from ...users.models import User
from ..service import Arrival, redirect
from ..tickets import Tickets


async def complete(request: Request, arrival: Arrival, user: User, logins: Method, _: Tickets) -> RedirectResponse:
    response = redirect(arrival.location(request))
    account = Account(user.id, user.role, arrival.authenticated_at(request))
    await logins.issue(request, response, account, "cookie")
    audit.record(audit.Event.LOGGED_IN, user.id, transport="cookie", by="provider")
    return response
