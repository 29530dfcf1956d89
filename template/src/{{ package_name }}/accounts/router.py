"""Routes that need no login: registration, login, and reset of a forgotten password."""

from fastapi import APIRouter, Request, Response

from ..auth.method import Credential, Logins
from ..db.session import Session
from ..jobs.queue import JobQueue
from ..passwords.hasher import PasswordHasher
from ..problems import responses
from ..users.schemas import UserRead
from . import credentials, login, registration, schemas

router = APIRouter(prefix="/auth", tags=["auth"])

LIMITED = responses(403, 429)


@router.post("/registrations", status_code=202, responses=LIMITED)
async def register(new: schemas.Registration, request: Request, jobs: JobQueue) -> None:
    """Send a letter to the address. The response does not show whether it has an account already."""
    await registration.request_account(new, request, jobs)


@router.post("/registrations/confirm", status_code=201, responses={**LIMITED, **responses(409)})
async def confirm_registration(
    given: schemas.RegistrationConfirmation, request: Request, session: Session, passwords: PasswordHasher
) -> UserRead:
    """Create the account, with the token of the letter. It does not log in."""
    return UserRead.model_validate(await registration.confirm(given, request, session, passwords))


@router.post("/login", status_code=201, responses={**LIMITED, **responses(401)})
async def log_in(
    given: schemas.Login,
    request: Request,
    response: Response,
    session: Session,
    passwords: PasswordHasher,
    logins: Logins,
) -> Credential:
    return await login.log_in(given, request, response, session, passwords, logins)


@router.post("/password-resets", status_code=202, responses=LIMITED)
async def request_password_reset(reset: schemas.PasswordReset, request: Request, jobs: JobQueue) -> None:
    """Send a letter to the address if it has an account. The response does not show whether it has one."""
    await credentials.request_password_reset(reset, request, jobs)


@router.post("/password-resets/confirm", status_code=204, responses=LIMITED)
async def reset_password(
    given: schemas.PasswordResetConfirmation,
    request: Request,
    session: Session,
    passwords: PasswordHasher,
    logins: Logins,
    jobs: JobQueue,
) -> None:
    """Set a new password, with the token of the letter. All logins end, and the user has to log in."""
    await credentials.reset_password(given, request, session, passwords, logins, jobs)
