"""Idempotency keys: a client may safely repeat a POST with the same `Idempotency-Key`. It runs once.

The response is stored in the transaction that does the work, so neither exists without the other. If a request fails,
or its process dies, no key is stored, and the client can repeat the request. If a second request arrives while the
first is still running, it is answered 409 with `Retry-After` at once: waiting would keep a connection from other
requests. Only the first response sets cookies. They are not stored, because they may hold a session.

Based on the IETF's draft-ietf-httpapi-idempotency-key-header-07.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from sqlalchemy import BigInteger, DateTime, String, delete, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.types import Message

from .db.base import Base
from .db.session import Session
from .errors import Conflict
from .principal import Caller
from .problems import RETRY

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
    """409, where the draft has 422: the request is valid, but another request was first sent with this key."""

    type = "urn:problem:idempotency-key-reused"


class KeyInUse(Conflict):
    type = "urn:problem:idempotency-key-in-use"


class Idempotency:
    def __init__(self, request: Request, session: AsyncSession, scope: bytes, key: str | None) -> None:
        self._request = request
        self._session = session
        self._scope = scope
        self._key = key

    async def once(self, work: Callable[[], Awaitable[Response]]) -> Response:
        """Do `work` and store its response, or return the stored response. Without a key, only do `work`.

        Raises `KeyInUse` while the first request with the key is running, and `KeyReused` if that was another request.
        """
        if self._key is None:
            return await work()
        fingerprint = await _fingerprint(self._request)
        if not await self._lock():
            return await self._replay(fingerprint)
        await self._purge()
        if not await self._claim(fingerprint):
            return await self._replay(fingerprint)
        response = await _recorded(await work(), self._request)
        stored = await self._session.get_one(IdempotencyKey, (self._scope, self._key))
        stored.status, stored.headers, stored.body = response.status_code, _storable(response), bytes(response.body)
        return response

    async def _lock(self) -> bool:
        """Return True if the lock was free. It is held until the end of the transaction; this does not wait for it."""
        digest = hashlib.sha256(self._scope + str(self._key).encode()).digest()
        number = literal(int.from_bytes(digest[:8], signed=True), BigInteger)
        return bool(await self._session.scalar(select(func.pg_try_advisory_xact_lock(number))))

    async def _claim(self, fingerprint: bytes) -> bool:
        values = {"fingerprint": fingerprint, "expires_at": func.now() + LIFETIME}
        claim = insert(IdempotencyKey).values(scope=self._scope, key=self._key, **values)
        claim = claim.on_conflict_do_update(
            index_elements=[IdempotencyKey.scope, IdempotencyKey.key],
            set_=values,
            where=IdempotencyKey.expires_at < func.now(),
        )
        return await self._session.scalar(claim.returning(IdempotencyKey.key)) is not None

    async def _replay(self, fingerprint: bytes) -> Response:
        this = IdempotencyKey.scope == self._scope, IdempotencyKey.key == self._key
        stored = await self._session.scalar(select(IdempotencyKey).where(*this, IdempotencyKey.expires_at > func.now()))
        if stored is None:
            raise KeyInUse("The first request with this Idempotency-Key is still running.", headers=RETRY)
        if stored.fingerprint != fingerprint:
            raise KeyReused("This Idempotency-Key came with another request before.")
        assert stored.status is not None
        return Response(stored.body, stored.status, {**(stored.headers or {}), REPLAYED: "true"})

    async def _purge(self) -> None:
        """Delete some expired keys. Each new key does this, so that no other job is needed."""
        expired = select(IdempotencyKey.scope, IdempotencyKey.key).where(IdempotencyKey.expires_at < func.now())
        some = expired.limit(PURGED_AT_ONCE).with_for_update(skip_locked=True).cte("some")
        await self._session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.scope == some.c.scope, IdempotencyKey.key == some.c.key)
        )


async def _fingerprint(request: Request) -> bytes:
    """Hash the query and the body. Of a form, hash its parts: clients draw a new multipart boundary each time."""
    digest = hashlib.sha256(f"{request.url.query}\0".encode() if request.url.query else b"")
    try:
        digest.update(await request.body())
    except RuntimeError:  # FastAPI has already read the body, for a route that takes a form
        for name, value in (await request.form()).multi_items():
            if isinstance(value, str):
                digest.update(repr((name, value)).encode())
            else:
                digest.update(repr((name, value.filename, value.content_type, value.size)).encode())
                digest.update(await value.read())
                await value.seek(0)
    return digest.digest()


async def _recorded(response: Response, request: Request) -> Response:
    """Return the response in one piece, also if it is a stream or a file. Its background task has not run yet."""
    messages: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()  # the client never disconnects
        raise AssertionError

    async def send(message: Message) -> None:
        messages.append(message)

    background, response.background = response.background, None
    await response({**request.scope, "extensions": {}}, receive, send)
    body = b"".join(message.get("body", b"") for message in messages)
    recorded = Response(body, messages[0]["status"], background=background)
    recorded.raw_headers = messages[0]["headers"]
    return recorded


def _storable(response: Response) -> dict[str, str]:
    """Return the headers to store, without cookies. Repeated ones are joined (RFC 9110, section 5.3)."""
    names = set(response.headers.keys()) - {"set-cookie"}
    return {name: ", ".join(response.headers.getlist(name)) for name in names}


async def get_idempotency(
    request: Request,
    session: Session,
    caller: Caller,
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
    """Return the idempotency of this request. Each route and each caller has its own keys."""
    scope = hashlib.sha256(f"{request.method} {request.url.path}\0{caller}".encode()).digest()
    return Idempotency(request, session, scope, key)


Idempotent = Annotated[Idempotency, Depends(get_idempotency)]
