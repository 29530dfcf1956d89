from fastapi import APIRouter

from ..auth.guard import CurrentUser
from ..auth.method import Logins
from ..db.session import Session
from ..problems import responses
from ..users import service as users

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/logout-everywhere", status_code=204, responses=responses(404))
async def log_out_everywhere(user: CurrentUser, session: Session, logins: Logins) -> None:
    """Refuse all access tokens that were issued until now. To log out for good, log out at the provider as well."""
    await users.end_logins(session, logins, user.user_id, by=str(user.user_id))
