"""Operations on API keys."""

import uuid
from datetime import timedelta

from sqlalchemy import func, select

from ..auth import audit
from ..auth.permissions import PERMISSIONS
from ..db.reader import Reader
from ..db.transaction import Transaction
from ..jobs.queue import Jobs
from ..users import repository as users
from . import letters, repository, tokens
from .errors import ApiKeyNotFound, PermissionNotHeld, TooManyApiKeys
from .events import Event
from .models import ApiKey
from .schemas import ApiKeyRead, CreatedApiKey, NewApiKey

MOST = 25
"""Largest number of keys of a user."""


async def find_all(reader: Reader) -> list[ApiKeyRead]:
    return [ApiKeyRead.model_validate(dict(row)) for row in await repository.find_all(reader)]


async def create(session: Transaction, jobs: Jobs, user_id: uuid.UUID, new: NewApiKey) -> CreatedApiKey:
    """Create a key, and send its owner a letter: an attacker with a stolen login may want a key that outlives it."""
    user = await users.lock_or_fail(session, user_id)  # requests at the same time are counted one after the other
    if missing := sorted(new.permissions - PERMISSIONS[user.role]):
        raise PermissionNotHeld(f"You do not have the permission {missing[0]}.")
    if await repository.count(session, user_id) >= MOST:
        raise TooManyApiKeys(f"You have {MOST} API keys. Revoke one that you do not need.")
    secret = tokens.draw_secret()
    expires_at = await session.scalar(select(func.now() + timedelta(days=new.days)))
    assert expires_at
    key = ApiKey(
        owner_id=user_id,
        name=new.name,
        hash=tokens.hash_secret(secret),
        permissions=sorted(new.permissions),
        expires_at=expires_at,
    )
    await repository.save(session, key)
    if user.email:
        await letters.created.send(jobs, letters.Created(name=new.name), to=user.email)
    audit.record(Event.CREATED, user_id, key=str(key.id), permissions=" ".join(key.permissions))
    read = ApiKeyRead.model_validate(key)
    return CreatedApiKey(**read.model_dump(), token=tokens.format_token(key.id, secret))


async def revoke(session: Transaction, key_id: uuid.UUID, user_id: uuid.UUID | None = None) -> None:
    """Revoke a key of a user; without a user, a key of any user."""
    owner_id = await repository.remove(session, key_id, user_id)
    if owner_id is None:
        raise ApiKeyNotFound(f"There is no API key {key_id}.")
    audit.record(Event.REVOKED, owner_id, key=str(key_id))
