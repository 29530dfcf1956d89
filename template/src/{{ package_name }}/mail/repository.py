import uuid
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .models import SentLetter

BATCH = 10_000


async def was_sent(session: AsyncSession, id_: uuid.UUID) -> bool:
    return await session.scalar(select(SentLetter.id).where(SentLetter.id == id_)) is not None


async def record(session: AsyncSession, id_: uuid.UUID, name: str) -> bool:
    """Record the letter. Return True if it is new. While another transaction records it, this waits for its end."""
    new = insert(SentLetter).values(id=id_, name=name).on_conflict_do_nothing().returning(SentLetter.id)
    return await session.scalar(new) is not None


async def forget(session: AsyncSession, age: timedelta) -> int:
    """Delete a batch of older records, and return their number."""
    old = select(SentLetter.id).where(SentLetter.sent_at < func.now() - age).limit(BATCH)
    return (await session.execute(delete(SentLetter).where(SentLetter.id.in_(old)))).rowcount  # type: ignore[attr-defined, no-any-return]
