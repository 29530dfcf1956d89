"""Session store: each session in Redis under the hash of its id, and a list of sessions for each user.

Outage policy: sessions fail CLOSED. While Redis does not answer, requests with a session are answered 503. If Redis
loses the sessions, everybody has to log in again; nothing else is lost.
"""

import hashlib
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import cast

from redis.asyncio import Redis

from ...circuit_breaker import TIMEOUT, Breaker, Unreachable
from ...errors import Unavailable
from ...metadata import DISTRIBUTION
from ..login import Login
from .lookups import Lookups, Values

ID_BYTES = 32
"""Length of an id: 256 bits (ASVS 5.0, 7.2.3 asks for 128)."""

PATIENCE = 0.5
"""Time in seconds that a query may take."""

TOUCHED_AFTER = 60 * 60
"""Time in seconds after which a session in use is written again. A write for each request would cost too much."""

# KEYS: session, the user's list. ARGV: value, lifetime in seconds, name, end of the session, now.
ADD = """
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
if redis.call('EXPIREAT', KEYS[2], ARGV[4], 'GT') == 0 and redis.call('TTL', KEYS[2]) < 0 then
  redis.call('EXPIREAT', KEYS[2], ARGV[4])
end
"""

# KEYS: the user's list. ARGV: prefix of sessions, the session to keep.
END_ALL = """
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if name ~= ARGV[2] then
    redis.call('DEL', ARGV[1] .. name)
    redis.call('ZREM', KEYS[1], name)
  end
end
"""


class Session(Login):
    """Login that is stored under the hash of its id."""


class SessionStore:
    def __init__(self, redis: Redis, idle: int) -> None:
        """`idle`: seconds without a use after which a session ends."""
        self._redis = redis
        self._idle = idle
        self._breaker = Breaker(PATIENCE, opened_by=TIMEOUT)
        self._lookups = Lookups(self._mget)
        self._add = redis.register_script(ADD)
        self._end_all = redis.register_script(END_ALL)

    async def create(self, session: Session) -> str:
        """Store the session, and return its id. Only the client knows the id: Redis has its hash."""
        session_id = secrets.token_urlsafe(ID_BYTES)
        name = name_of(session_id)
        keys = [_key(name), _list_of(session.user_id)]
        async with self._reachable():
            await self._add(
                keys, [session.model_dump_json(), self._seconds(session), name, session.ends_at, session.seen_at]
            )
        return session_id

    async def find(self, name: str) -> Session | None:
        try:
            value = await self._lookups.get(_key(name))
        except Unreachable as error:
            raise _unavailable() from error
        session = self._alive(value)
        if session and time.time() - session.seen_at > TOUCHED_AFTER:
            await self._touch(name, session)
        return session

    async def of_user(self, user_id: uuid.UUID) -> dict[str, Session]:
        """Return the sessions of a user by name, the newest first."""
        async with self._reachable():
            listed = cast("list[bytes | str]", await self._redis.zrange(_list_of(user_id), 0, -1))
            names = [name.decode() if isinstance(name, bytes) else name for name in listed]
            values = await self._redis.mget([_key(name) for name in names]) if names else []
        found = {name: session for name, value in zip(names, values, strict=True) if (session := self._alive(value))}
        return dict(sorted(found.items(), key=lambda item: item[1].authenticated_at, reverse=True))

    async def end(self, user_id: uuid.UUID, name: str) -> None:
        async with self._reachable(), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.delete(_key(name))
            pipeline.zrem(_list_of(user_id), name)
            await pipeline.execute()

    async def end_all(self, user_id: uuid.UUID, *, but: str | None = None) -> None:
        async with self._reachable():
            await self._end_all([_list_of(user_id)], [_key(""), but or ""])

    def _alive(self, value: bytes | str | None) -> Session | None:
        """Return the session if it has not expired. Redis should have deleted it then; this does not rely on it."""
        if value is None:
            return None
        session, now = _parse(value), time.time()
        return session if now < session.ends_at and now < session.seen_at + self._idle else None

    async def _touch(self, name: str, session: Session) -> None:
        """Store the time of this use, if the session still exists: one that was ended meanwhile stays ended."""
        seen = session.model_copy(update={"seen_at": int(time.time())})
        async with self._reachable():
            await self._redis.set(_key(name), seen.model_dump_json(), xx=True, ex=self._seconds(seen))

    def _seconds(self, session: Session) -> int:
        return max(1, min(self._idle, session.ends_at - session.seen_at))

    async def _mget(self, keys: list[str]) -> Values:
        async with self._breaker.guard():
            values: Values = await self._redis.mget(keys)
            return values

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        try:
            async with self._breaker.guard():
                yield
        except Unreachable as error:
            raise _unavailable() from error


def name_of(session_id: str) -> str:
    """Hash with SHA-256, which is enough for 256 random bits. Nobody can log in with a hash from Redis."""
    return hashlib.sha256(session_id.encode()).hexdigest()


@lru_cache(maxsize=1024)
def _parse(value: bytes | str) -> Session:
    """Parse a session. It is read from Redis for each request, but parsed again only if it has changed."""
    return Session.model_validate_json(value)


def _unavailable() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment.")


def _key(name: str) -> str:
    return f"{DISTRIBUTION}:session:{name}"


def _list_of(user_id: uuid.UUID) -> str:
    return f"{DISTRIBUTION}:sessions-of:{user_id}"
