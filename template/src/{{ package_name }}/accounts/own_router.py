"""Routes of a user who is logged in: logout, reauthentication, change of the password and of the address."""

from fastapi import APIRouter, Request, Response

from ..auth import audit
from ..auth.guard import CurrentUser, RecentUser
from ..auth.method import Credential, Logins
from ..db.session import Session
from ..jobs.queue import JobQueue
from ..passwords.hasher import PasswordHasher
from ..problems import responses
from ..users import service as users
from ..users.schemas import UserRead
from . import credentials, login, schemas

router = APIRouter(tags=["auth"])


@router.post("/auth/logout", status_code=204)
async def log_out(user: CurrentUser, response: Response, logins: Logins) -> None:
    await logins.revoke(user.user_id, only=user.login)
    logins.forget(response)
    audit.record(audit.Event.LOGGED_OUT, user.user_id)


@router.post("/auth/logout-everywhere", status_code=204, responses=responses(404))
async def log_out_everywhere(user: CurrentUser, response: Response, session: Session, logins: Logins) -> None:
    await users.end_logins(session, logins, user.user_id, by=str(user.user_id))
    logins.forget(response)


@router.post("/auth/reauthentication", status_code=201, responses=responses(404, 429))
async def reauthenticate(
    user: CurrentUser,
    given: schemas.Reauthentication,
    request: Request,
    response: Response,
    session: Session,
    passwords: PasswordHasher,
    logins: Logins,
) -> Credential:
    """Give the password again, for operations that need a recent login. A new login replaces this one."""
    return await login.reauthenticate(user.user_id, given, request, response, session, passwords, logins)


@router.put("/users/me/password", status_code=204, responses=responses(404, 429))
async def change_password(
    user: CurrentUser,
    change: schemas.PasswordChange,
    request: Request,
    session: Session,
    passwords: PasswordHasher,
    logins: Logins,
    jobs: JobQueue,
) -> None:
    """Change the password. All other logins end."""
    await credentials.change_password(user, change, request, session, passwords, logins, jobs)


@router.post("/users/me/email", status_code=202, responses=responses(429))
async def request_email_change(user: RecentUser, change: schemas.EmailChange, request: Request, jobs: JobQueue) -> None:
    """Send a letter to the new address. The password must have been given lately."""
    await credentials.request_email_change(user.user_id, change, request, jobs)


@router.post("/users/me/email/confirm", responses=responses(409))
async def confirm_email_change(
    user: CurrentUser, given: schemas.EmailChangeConfirmation, session: Session, jobs: JobQueue
) -> UserRead:
    """Change the address, with the token of the letter. A letter to the former address reports it."""
    return UserRead.model_validate(await credentials.change_email(user.user_id, given, session, jobs))
