"""Letters of accounts; their texts are in `letters/`. A token is drawn when its letter is sent, so none is stored."""

import uuid

from pydantic import BaseModel

from ..auth.settings import AuthSettings
from ..mail.letter import Letter, Sending
from ..one_time_tokens import repository as tokens
from ..one_time_tokens.models import Purpose
from ..users import repository as users


class NoContext(BaseModel):
    pass


class OfUser(BaseModel):
    user_id: uuid.UUID


class TokenShown(BaseModel):
    """Values of the text. In a link, the token is in the fragment, which no server sees (ASVS 5.0, 14.2.1)."""

    token: str
    link: str | None


async def draw_registration(_: NoContext, sending: Sending) -> TokenShown | None:
    if await users.find_for_login(sending.tx.reader, sending.to):
        return None  # another letter has been used for the registration
    return await _draw(sending, Purpose.REGISTRATION, "confirm-registration")


async def draw_password_reset(_: NoContext, sending: Sending) -> TokenShown | None:
    """Look up the account here, in the job: a client that waits for a response could learn from its time."""
    user = await users.find_for_login(sending.tx.reader, sending.to)
    if user is None or user["disabled_at"]:
        return None
    return await _draw(sending, Purpose.PASSWORD_RESET, "reset-password", user["id"])


async def draw_email_change(of: OfUser, sending: Sending) -> TokenShown | None:
    user = await users.lock(sending.tx, of.user_id)
    if user is None or user.disabled_at:
        return None
    return await _draw(sending, Purpose.EMAIL_CHANGE, "confirm-email", user.id)


async def _draw(sending: Sending, purpose: Purpose, page: str, user_id: uuid.UUID | None = None) -> TokenShown:
    token = await tokens.draw(sending.tx, purpose, sending.to, user_id)
    base = sending.resources.settings[AuthSettings].frontend_url
    return TokenShown(token=token, link=link(str(base), page, token) if base else None)


def link(base: str, page: str, token: str) -> str:
    return f"{base.removesuffix('/')}/{page}#token={token}"


registration = Letter("accounts.registration", NoContext, prepare=draw_registration, shown=TokenShown)
already_registered = Letter("accounts.already_registered", NoContext)
password_reset = Letter("accounts.password_reset", NoContext, prepare=draw_password_reset, shown=TokenShown)
password_changed = Letter("accounts.password_changed", NoContext)
email_change = Letter("accounts.email_change", OfUser, prepare=draw_email_change, shown=TokenShown)
email_changed = Letter("accounts.email_changed", NoContext)

LETTERS = (registration, already_registered, password_reset, password_changed, email_change, email_changed)
