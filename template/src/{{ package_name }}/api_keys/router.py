import uuid

from fastapi import APIRouter, Response

from ..auth.guard import CurrentUser, RecentUser
from ..db.session import ReadOnly, Session
from ..jobs.queue import JobQueue
from ..problems import responses
from . import service
from .schemas import ApiKeyRead, CreatedApiKey, NewApiKey

router = APIRouter(prefix="/users/me/api-keys", tags=["api-keys"])


@router.get("")
async def list_api_keys(user: CurrentUser, reader: ReadOnly) -> list[ApiKeyRead]:
    """List your keys, the newest first, expired ones as well."""
    return await service.find_all(reader.of(user.user_id))


@router.post("", status_code=201, responses=responses(404, 409))
async def create_api_key(
    user: RecentUser, new: NewApiKey, session: Session, jobs: JobQueue, response: Response
) -> CreatedApiKey:
    """The password must have been given lately. There is no `Idempotency-Key`: the token must not be stored."""
    response.headers["Cache-Control"] = "no-store"
    return await service.create(session, jobs, user.user_id, new)


@router.delete("/{key_id:uuid}", status_code=204, responses=responses(404))
async def revoke_api_key(key_id: uuid.UUID, user: CurrentUser, session: Session) -> None:
    await service.revoke(session, key_id, user.user_id)
