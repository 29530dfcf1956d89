"""Login: the password is verified outside of a transaction. The login is stored in one that locks the user."""

import uuid

from fastapi import Request, Response
from pydantic import SecretStr

from ..auth import audit
from ..auth.method import Account, Credential, Method, Transport
from ..db.transaction import Transaction
from ..passwords.hasher import Passwords
from ..resources import resources_of
from ..users import repository as users
from ..users.models import User
from . import schemas
from .errors import LoginFailed, WrongPassword
from .limits import PasswordAttempt, digest


async def log_in(
    login: schemas.Login,
    request: Request,
    response: Response,
    session: Transaction,
    passwords: Passwords,
    logins: Method,
) -> Credential:
    """Log in. Raises `LoginFailed`, after the same time for every reason (ASVS 5.0, 6.3.8)."""
    resources = resources_of(request)
    account = digest(resources, login.email)
    attempt = PasswordAttempt(request, account)
    await attempt.count()
    found = await users.find_for_login(resources.reader, login.email)
    known = found["password_hash"] if found and found["disabled_at"] is None else None
    verified = await passwords.verify(login.password.get_secret_value(), known)
    user = await users.lock(session, found["id"]) if found and verified.matches else None
    if user is None or user.password_hash != known or user.disabled_at:
        audit.record(audit.Event.LOGIN_FAILED, account=account)
        raise LoginFailed
    if verified.rehashed:
        user.password_hash = verified.rehashed
    credential = await logins.issue(request, response, Account(user.id, user.role), login.transport)
    await attempt.succeeded()
    audit.record(audit.Event.LOGGED_IN, user.id, transport=login.transport)
    return credential


async def reauthenticate(
    user_id: uuid.UUID,
    given: schemas.Reauthentication,
    request: Request,
    response: Response,
    session: Transaction,
    passwords: Passwords,
    logins: Method,
) -> Credential:
    """Replace this login by a new one, after the password was given again (ASVS 5.0, 7.2.4)."""
    user = await give_password(user_id, given.password, request, session, passwords)
    transport: Transport = given.transport
    credential = await logins.issue(request, response, Account(user.id, user.role), transport)
    audit.record(audit.Event.REAUTHENTICATED, user.id)
    return credential


async def give_password(
    user_id: uuid.UUID, password: SecretStr, request: Request, session: Transaction, passwords: Passwords
) -> User:
    """Verify the password, and return the user, locked. Raises `WrongPassword`."""
    attempt = PasswordAttempt(request, user_id)
    await attempt.count()
    email = (await users.find(resources_of(request).reader, user_id))["email"]
    found = await users.find_for_login(resources_of(request).reader, email)
    known = found["password_hash"] if found else None
    verified = await passwords.verify(password.get_secret_value(), known)
    user = await users.lock(session, user_id) if verified.matches else None
    if user is None or user.password_hash != known or user.disabled_at:
        audit.record(audit.Event.LOGIN_FAILED, user_id)
        raise WrongPassword
    await attempt.succeeded()
    return user
