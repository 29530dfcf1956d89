"""A POST that a client may safely send again: the same `Idempotency-Key` runs once and gets the same answer.

The answer is stored in the transaction that does the work, so there is never one without the other: a request that
fails, or whose process dies, leaves no key, and can be sent again. A second request that comes while the first is
still running waits for it, at most as long as any statement may take.

After the IETF's draft-ietf-httpapi-idempotency-key-header-07.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from sqlalchemy import DateTime, String, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .db.base import Base
from .db.session import Session
from .errors import Conflict

LIFETIME = timedelta(hours=24)
PURGED_AT_ONCE = 100
REPLAYED = "Idempotency-Replayed"


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    scope: Mapped[bytes] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None]


class KeyReused(Conflict):
    """409 where the draft has 422: the request is valid, it conflicts with the one that the key was first sent with."""

    type = "urn:problem:idempotency-key-reused"


class Idempotency:
    def __init__(self, session: AsyncSession, scope: bytes, key: str | None, fingerprint: bytes) -> None:
        self._session = session
        self._scope = scope
        self._key = key
        self._fingerprint = fingerprint

    async def once(self, work: Callable[[], Awaitable[Response]]) -> Response:
        """Do `work` and keep its answer, or give the answer that is kept; without a key, just do it.

        Raises `KeyReused` where the key came with another body before.
        """
        if self._key is None:
            return await work()
        await self._purge()
        if not await self._claim():
            return await self._replay()
        response = await work()
        stored = await self._session.get_one(IdempotencyKey, (self._scope, self._key))
        stored.status, stored.headers, stored.body = response.status_code, dict(response.headers), bytes(response.body)
        return response

    async def _claim(self) -> bool:
        values = {"fingerprint": self._fingerprint, "expires_at": func.now() + LIFETIME}
        claim = insert(IdempotencyKey).values(scope=self._scope, key=self._key, **values)
        claim = claim.on_conflict_do_update(
            index_elements=[IdempotencyKey.scope, IdempotencyKey.key],
            set_=values,
            where=IdempotencyKey.expires_at < func.now(),
        )
        return await self._session.scalar(claim.returning(IdempotencyKey.key)) is not None

    async def _replay(self) -> Response:
        stored = await self._session.get_one(IdempotencyKey, (self._scope, self._key))
        if stored.fingerprint != self._fingerprint:
            raise KeyReused("This Idempotency-Key came with another body before.")
        assert stored.status is not None
        return Response(stored.body, stored.status, {**(stored.headers or {}), REPLAYED: "true"})

    async def _purge(self) -> None:
        """Each new key takes some expired ones away, so that nobody has to remember to."""
        expired = select(IdempotencyKey.scope, IdempotencyKey.key).where(IdempotencyKey.expires_at < func.now())
        some = expired.limit(PURGED_AT_ONCE).with_for_update(skip_locked=True).cte("some")
        await self._session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.scope == some.c.scope, IdempotencyKey.key == some.c.key)
        )


async def get_idempotency(
    request: Request,
    session: Session,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="Sent again with the same key, the request is done once and answered the same.",
        ),
    ] = None,
) -> Idempotency:
    """Keys are apart for each route and for each client's credentials."""
    route = f"{request.method} {request.url.path}\0{request.headers.get('authorization', '')}"
    scope, fingerprint = hashlib.sha256(route.encode()).digest(), hashlib.sha256(await request.body()).digest()
    return Idempotency(session, scope, key, fingerprint)


Idempotent = Annotated[Idempotency, Depends(get_idempotency)]
