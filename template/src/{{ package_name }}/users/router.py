import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from ..auth.guard import CurrentUser, RecentUser, require
from ..auth.method import Logins
from ..auth.permissions import Permission
from ..db.session import ReadOnly, Session
from ..pagination import Page, SignedCursors
from ..problems import responses
from . import service
from .schemas import AdministeredUser, UserAdministration, UserChange, UserQuery, UserRead

router = APIRouter(prefix="/users", tags=["users"])
administration = APIRouter(prefix="/users", tags=["users"], dependencies=[require(Permission.MANAGE_USERS)])


@router.get("/me", responses=responses(404))
async def read_me(user: CurrentUser, reader: ReadOnly) -> UserRead:
    return await service.get(reader, user.user_id)


@router.patch("/me", responses=responses(404))
async def change_me(user: CurrentUser, changes: UserChange, session: Session) -> UserRead:
    return UserRead.model_validate(await service.change(session, user.user_id, changes))


@router.delete("/me", status_code=204, responses=responses(404))
async def remove_me(user: RecentUser, session: Session, logins: Logins, response: Response) -> None:
    """Remove the account, and all that belongs to it. The login must be a recent one."""
    await service.remove(session, logins, user.user_id)
    logins.forget(response)


@administration.get("", responses=responses(400))
async def list_users(
    query: Annotated[UserQuery, Query()], reader: ReadOnly, cursors: SignedCursors
) -> Page[AdministeredUser]:
    """The newest first."""
    return await service.get_page(reader, cursors, query)


@administration.get("/{user_id:uuid}", responses=responses(404))
async def read_user(user_id: uuid.UUID, reader: ReadOnly) -> AdministeredUser:
    return await service.get_administered(reader, user_id)


@administration.patch("/{user_id:uuid}", responses=responses(404, 409))
async def administer_user(
    user_id: uuid.UUID, changes: UserAdministration, user: CurrentUser, session: Session, logins: Logins
) -> AdministeredUser:
    """A change of the role, and disabling the account, end all logins of the user."""
    return AdministeredUser.model_validate(await service.administer(session, logins, user, user_id, changes))


@administration.delete("/{user_id:uuid}/sessions", status_code=204, responses=responses(404))
async def end_logins_of_user(user_id: uuid.UUID, user: CurrentUser, session: Session, logins: Logins) -> None:
    await service.end_logins(session, logins, user_id, by=str(user.user_id))
