"""Registration: the address is confirmed first. Responses do not show which addresses have an account."""

from fastapi import Request

from ..auth import audit
from ..db.transaction import Transaction
from ..jobs.queue import Jobs
from ..one_time_tokens import repository as tokens
from ..one_time_tokens.models import Purpose
from ..passwords.hasher import Passwords
from ..resources import resources_of
from ..users import repository as users
from ..users.models import User
from . import letters, schemas
from .limits import count_letter, count_token


async def request_account(new: schemas.Registration, request: Request, jobs: Jobs) -> None:
    """Send a letter in any case. Only the letter says whether the address has an account already."""
    await count_letter(request, new.email)
    known = await users.find_for_login(resources_of(request).reader, new.email)
    letter = letters.already_registered if known else letters.registration
    await letter.send(jobs, letters.NoContext(), to=known["email"] if known else new.email)


async def confirm(
    given: schemas.RegistrationConfirmation, request: Request, session: Transaction, passwords: Passwords
) -> User:
    """Create the account. Raises `InvalidToken`, `WeakPassword`, and `EmailTaken` if another letter was used before."""
    await count_token(request)
    proof = await tokens.look_up(resources_of(request).reader, given.token, Purpose.REGISTRATION)
    password = given.password.get_secret_value()
    await passwords.require_strong(password, proof.email, given.name or "")
    hashed = await passwords.hash(password)
    await tokens.redeem(session, given.token, Purpose.REGISTRATION)
    user = User(email=proof.email, name=given.name, password_hash=hashed)
    await users.save(session, user)
    audit.record(audit.Event.REGISTERED, user.id)
    return user
