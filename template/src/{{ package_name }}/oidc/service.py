"""Login with the provider: the redirect, the return, and the account of the user."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from ..auth import audit
from ..auth.settings import AuthSettings
from ..db.transaction import Transaction
from ..jobs.queue import Jobs
from ..resources import resources_of
from ..users import repository as users
from ..users.errors import EmailTaken
from ..users.models import User
from ..users.schemas import Email, UserName
from . import letters, repository
from .claims import CLOCKS, Claims
from .errors import EmailNotProven, ProviderLoginFailed, Refused
from .events import Event
from .flow import Flow, draw
from .provider import ERROR, Provider
from .repository import IdentityTaken
from .schemas import Answer, Beginning
from .settings import OidcSettings
from .tickets import FLOW_LIFETIME, Tickets, browser_of, remember_browser

ATTEMPTS = 3
"""Attempts of a login if another one of the same user, or a registration, is faster."""

TAKEN = (EmailTaken, IdentityTaken)

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
NAME: TypeAdapter[str] = TypeAdapter(UserName)


@dataclass(frozen=True)
class Arrival:
    """Return of a browser from the provider, with a user or with an error."""

    flow: Flow
    claims: Claims | None
    error: str | None

    def location(self, request: Request, fragment: str = "") -> str:
        """Return the URL of the redirect. `return_to` is a path, so it stays on the origin of the frontend."""
        base = resources_of(request).settings[AuthSettings].frontend_url
        return f"{str(base).removesuffix('/') if base else ''}{self.flow.return_to}{fragment}"

    def authenticated_at(self, request: Request) -> int:
        """Return the provider's time. Without one, return a time that is too old for a recent login."""
        if self.claims and self.claims.auth_time is not None:
            return int(min(self.claims.auth_time, time.time()))
        return self.flow.started_at - resources_of(request).settings[AuthSettings].recent - 1


async def begin(request: Request, asked: Beginning, provider: Provider, tickets: Tickets) -> RedirectResponse:
    """Redirect to the provider. Raises `ProviderUnavailable`."""
    await provider.metadata()  # before anything is stored
    browser = browser_of(request) or draw()
    flow = Flow(return_to=asked.return_to, recent=asked.recent)
    state = await tickets.keep(browser, flow, FLOW_LIFETIME)
    response = redirect(await provider.authorization_url(flow, state))
    remember_browser(response, browser)
    return response


async def arrive(request: Request, answer: Answer, provider: Provider, tickets: Tickets) -> Arrival:
    """Process the response, outside of a transaction. Raises `ProviderLoginFailed` and `ProviderUnavailable`."""
    try:
        return await _arrival(request, answer, provider, tickets)
    except Refused as error:
        audit.record(Event.FAILED, why=str(error))
        raise ProviderLoginFailed from error


async def user_of(claims: Claims, request: Request, session: Transaction, jobs: Jobs) -> User:
    """Return the user, locked until the transaction ends.

    Issuer and subject identify the user. The address is used only at the first login, and only if the provider has
    verified it: then an account with this address gets another way to log in. This is safe, because every account has
    proven its own address, or nobody can log in to it yet: nobody can prepare an account with a password for the owner
    of another address. Raises `EmailNotProven`, and `ProviderLoginFailed` if the account is disabled.
    """
    settings = resources_of(request).settings[OidcSettings]
    for _ in range(ATTEMPTS):
        try:
            async with session.begin_nested():
                user = await _known(claims, session) or await _linked(claims, settings, session, jobs)
        except TAKEN:
            continue
        if user.disabled_at:
            audit.record(Event.FAILED, user.id, why="the account is disabled")
            raise ProviderLoginFailed
        return user
    raise ProviderLoginFailed


def redirect(location: str) -> RedirectResponse:
    return RedirectResponse(location, 303, headers={"Cache-Control": "no-store"})


async def _arrival(request: Request, answer: Answer, provider: Provider, tickets: Tickets) -> Arrival:
    flow = await tickets.redeem(Flow, browser_of(request), answer.state)
    if flow is None:
        raise Refused("this browser has begun no such login, or it is over")
    await provider.require_sender(answer.iss)
    if answer.error is not None or answer.code is None:
        error = answer.error or ""
        return Arrival(flow, None, error if ERROR.fullmatch(error) else "server_error")
    claims = await provider.redeem(flow, answer.code)
    if flow.recent and (claims.auth_time is None or claims.auth_time < flow.started_at - CLOCKS):
        raise Refused("the provider has not authenticated the user anew, or does not say so")
    return Arrival(flow, claims, None)


async def _known(claims: Claims, session: Transaction) -> User | None:
    user_id = await repository.find_user(session, claims.iss, claims.sub)
    return await users.lock(session, user_id) if user_id else None


async def _linked(claims: Claims, settings: OidcSettings, session: Transaction, jobs: Jobs) -> User:
    email = _proven_email(claims, settings)
    found = await users.find_for_login(session.reader, email)
    user = await users.lock(session, found["id"]) if found else None
    if user is None:
        user = User(email=email, name=_name(claims))
        await users.save(session, user)
        audit.record(audit.Event.REGISTERED, user.id, by="provider")
    elif user.disabled_at:
        return user
    elif user.email.lower() != email.lower():
        raise EmailTaken("The address was changed meanwhile.")
    else:
        await letters.linked.send(jobs, letters.Linked(provider=urlsplit(claims.iss).hostname or ""), to=user.email)
    await repository.add(session, claims.iss, claims.sub, user)
    audit.record(Event.LINKED, user.id)
    return user


def _proven_email(claims: Claims, settings: OidcSettings) -> str:
    if not claims.email or not (claims.email_verified or settings.trust_email):
        audit.record(Event.FAILED, why="no e-mail address that the provider vouches for")
        raise EmailNotProven
    try:
        return EMAIL.validate_python(claims.email)
    except ValidationError as error:
        audit.record(Event.FAILED, why="an e-mail address of another form")
        raise EmailNotProven from error


def _name(claims: Claims) -> str | None:
    """Return the name, or `None` if it is not a valid name here."""
    try:
        return NAME.validate_python(claims.name)
    except ValidationError:
        return None
