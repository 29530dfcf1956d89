"""Credentials: changes of an account's password, and of its address, with the proof that each of them needs."""

import uuid

from fastapi import Request

from ..auth import audit
from ..auth.method import Method
from ..auth.user import AuthenticatedUser
from ..db.transaction import Transaction
from ..jobs.queue import Jobs
from ..one_time_tokens import repository as tokens
from ..one_time_tokens.errors import InvalidToken
from ..one_time_tokens.models import Purpose
from ..passwords.hasher import Passwords
from ..resources import resources_of
from ..users import repository as users
from ..users.models import User
from . import letters, schemas
from .limits import count_letter, count_token
from .login import give_password


async def request_password_reset(reset: schemas.PasswordReset, request: Request, jobs: Jobs) -> None:
    """Send a letter if there is such an account. Response and time are the same if there is none (ASVS 5.0, 6.3.8)."""
    await count_letter(request, reset.email)
    known = await users.find_for_login(resources_of(request).reader, reset.email)
    await letters.password_reset.send(jobs, letters.NoContext(), to=known["email"] if known else reset.email)


async def reset_password(
    given: schemas.PasswordResetConfirmation,
    request: Request,
    session: Transaction,
    passwords: Passwords,
    logins: Method,
    jobs: Jobs,
) -> None:
    """Set a new password, and end all logins. None begins (ASVS 5.0, 6.4.3 and 7.4.3)."""
    await count_token(request)
    proof = await tokens.look_up(resources_of(request).reader, given.token, Purpose.PASSWORD_RESET)
    password = given.password.get_secret_value()
    await passwords.require_strong(password, proof.email)
    hashed = await passwords.hash(password)
    proof = await tokens.redeem(session, given.token, Purpose.PASSWORD_RESET)
    user = await users.lock(session, proof.user_id) if proof.user_id else None
    if user is None or user.disabled_at or user.email != proof.email:
        raise InvalidToken
    await _set_password(user, hashed, session, logins, jobs)
    audit.record(audit.Event.PASSWORD_RESET, user.id)


async def change_password(
    me: AuthenticatedUser,
    change: schemas.PasswordChange,
    request: Request,
    session: Transaction,
    passwords: Passwords,
    logins: Method,
    jobs: Jobs,
) -> None:
    """Change the password, and end all other logins."""
    known = await users.find(resources_of(request).reader, me.user_id)
    new = change.new.get_secret_value()
    user = await give_password(me.user_id, change.current, request, session, passwords)
    await passwords.require_strong(new, known["email"], known["name"] or "")
    await _set_password(user, await passwords.hash(new), session, logins, jobs, but=me.login)
    audit.record(audit.Event.PASSWORD_CHANGED, user.id)


async def request_email_change(user_id: uuid.UUID, change: schemas.EmailChange, request: Request, jobs: Jobs) -> None:
    """Send a letter to the new address. If it has an account already, only that letter says so."""
    await count_letter(request, change.email)
    if await users.find_for_login(resources_of(request).reader, change.email):
        await letters.already_registered.send(jobs, letters.NoContext(), to=change.email)
    else:
        await letters.email_change.send(jobs, letters.OfUser(user_id=user_id), to=change.email)


async def change_email(
    user_id: uuid.UUID, given: schemas.EmailChangeConfirmation, session: Transaction, jobs: Jobs
) -> User:
    """Change the address. Raises `InvalidToken`, also for a token of another user, and `EmailTaken`."""
    proof = await tokens.redeem(session, given.token, Purpose.EMAIL_CHANGE)
    user = await users.lock(session, user_id)
    if user is None or proof.user_id != user.id:
        raise InvalidToken
    former, user.email = user.email, proof.email
    await users.save(session, user)
    await tokens.revoke(session, user.id)  # tokens that were sent to the former address
    await letters.email_changed.send(jobs, letters.NoContext(), to=former)
    audit.record(audit.Event.EMAIL_CHANGED, user.id)
    return user


async def _set_password(
    user: User, hashed: str, session: Transaction, logins: Method, jobs: Jobs, but: str | None = None
) -> None:
    user.password_hash = hashed
    await users.save(session, user)
    await tokens.revoke(session, user.id)
    await logins.revoke(user.id, but=but)
    await letters.password_changed.send(jobs, letters.NoContext(), to=user.email)
