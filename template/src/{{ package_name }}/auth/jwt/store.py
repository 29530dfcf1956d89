"""Login store: each login in Redis, with the hash of its next refresh token, and a list of logins for each user.

A refresh token is valid for one use, and the response has the next one. A second use means that it was copied: then the
login ends for everybody (ASVS 5.0, 10.4.5). One script decides, so only one of several uses at once succeeds.

Outage policy: as for `revocations.py`, 503. If Redis loses the logins, everybody has to log in again; nothing else is
lost.
"""

import hashlib
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis

from ...circuit_breaker import TIMEOUT, Breaker, Unreachable
from ...metadata import DISTRIBUTION
from ..login import Login
from .revocations import KEY, LIBRARY, Revocations, new_generation, text, unavailable

ID_BYTES = 32
"""Length of an id: 256 bits (ASVS 5.0, 7.2.3 asks for 128)."""

PATIENCE = 0.5
"""Time in seconds that a query may take."""

PARTS = 2
"""Parts of a refresh token: one that stays and names the login, and one that is drawn again at each refresh."""

# KEYS: login, the user's list, ended logins. ARGV: name, a new generation, now, end of the login, end without use, then
# its fields and their values.
CREATE = (
    LIBRARY
    + """
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('EXPIREAT', KEYS[1], ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
if redis.call('EXPIREAT', KEYS[2], ARGV[4], 'GT') == 0 and redis.call('TTL', KEYS[2]) < 0 then
  redis.call('EXPIREAT', KEYS[2], ARGV[4])
end
return generation(KEYS[3], ARGV[2])
"""
)

# KEYS: login, ended logins. ARGV: name, a new generation, now, seconds without use, leeway, end of its revocation, hash
# of the token, hash of the next, prefix of lists.
ROTATE = (
    LIBRARY
    + """
local found = redis.call('HMGET', KEYS[1], 'secret', 'former', 'seen_at', 'ends_at', 'user_id')
local now, seen = tonumber(ARGV[3]), tonumber(found[3])
if not found[1] or now >= tonumber(found[4]) or now >= seen + tonumber(ARGV[4]) then return {'gone'} end
local current = generation(KEYS[2], ARGV[2])
if found[1] ~= ARGV[7] then
  if found[2] == ARGV[7] and tonumber(ARGV[5]) > 0 and now - seen <= tonumber(ARGV[5]) then return {'late'} end
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', ARGV[9] .. found[5], ARGV[1])
  note(KEYS[2], ARGV[1], ARGV[6], now)
  return {'reused', found[5]}
end
redis.call('HSET', KEYS[1], 'secret', ARGV[8], 'former', ARGV[7], 'seen_at', ARGV[3])
redis.call('EXPIREAT', KEYS[1], math.min(now + tonumber(ARGV[4]), tonumber(found[4])))
return {'rotated', current, redis.call('HGETALL', KEYS[1])}
"""
)

# KEYS: the user's list, ended logins. ARGV: prefix of logins, a new generation, now, end of the revocations, the login
# to end or nothing, the login to keep or nothing. Returns the logins that were ended.
END = (
    LIBRARY
    + """
generation(KEYS[2], ARGV[2])
local names, ended = {ARGV[5]}, {}
if ARGV[5] == '' then names = redis.call('ZRANGE', KEYS[1], 0, -1) end
for _, name in ipairs(names) do
  if name ~= ARGV[6] then
    redis.call('DEL', ARGV[1] .. name)
    redis.call('ZREM', KEYS[1], name)
    note(KEYS[2], name, ARGV[4], ARGV[3])
    ended[#ended + 1] = name
  end
end
return ended
"""
)


@dataclass(frozen=True)
class Opened:
    name: str
    login: Login
    generation: str
    refresh_token: str


class Reused(Exception):
    """A refresh token was used twice, and its login has ended."""

    def __init__(self, user_id: uuid.UUID) -> None:
        super().__init__()
        self.user_id = user_id


class LoginStore:
    def __init__(self, redis: Redis, revocations: Revocations, *, idle: int, leeway: int, remembered: int) -> None:
        """`idle`: seconds without a refresh after which a login ends. `remembered`: seconds that its end is stored."""
        self._redis = redis
        self._revocations = revocations
        self._idle = idle
        self._leeway = leeway
        self._remembered = remembered
        self._breaker = Breaker(PATIENCE, opened_by=TIMEOUT)
        self._create = redis.register_script(CREATE)
        self._rotate = redis.register_script(ROTATE)
        self._end = redis.register_script(END)

    async def create(self, login: Login) -> Opened:
        handle, secret = (secrets.token_urlsafe(ID_BYTES) for _ in range(PARTS))
        name = _hash(handle)
        stored = {**login.model_dump(mode="json"), "secret": _hash(secret)}
        fields: list[str | int] = [part for item in stored.items() for part in item]
        idle_at = min(login.seen_at + self._idle, login.ends_at)
        keys = [_key(name), _list_of(login.user_id), KEY]
        async with self._reachable():
            generation = await self._create(
                keys, [name, new_generation(), login.seen_at, login.ends_at, idle_at, *fields]
            )
        return Opened(name, login, text(generation), f"{handle}.{secret}")

    async def rotate(self, token: str) -> Opened | None:
        """Return the login with its next token; `None` if there is no login. Raises `Reused` if the token was used."""
        handle, _, secret = token.partition(".")
        name, following, now = _hash(handle), secrets.token_urlsafe(ID_BYTES), int(time.time())
        until, hashes = now + self._remembered, (_hash(secret), _hash(following))
        arguments: list[str | int] = [name, new_generation(), now, self._idle, self._leeway, until, *hashes]
        async with self._reachable():
            outcome, *found = await self._rotate([_key(name), KEY], [*arguments, _list_of("")])
        match text(outcome):
            case "rotated":
                return Opened(name, _login(_pairs(found[1])), text(found[0]), f"{handle}.{following}")
            case "reused":
                self._revocations.add([name], until)
                raise Reused(uuid.UUID(text(found[0])))
        return None

    async def of_user(self, user_id: uuid.UUID) -> dict[str, Login]:
        """Return the logins of a user by name, the newest first."""
        async with self._reachable():
            listed = cast("list[bytes | str]", await self._redis.zrange(_list_of(user_id), 0, -1))
            names = [text(name) for name in listed]
            async with self._redis.pipeline(transaction=False) as pipeline:
                for name in names:
                    pipeline.hgetall(_key(name))
                values = await pipeline.execute()
        now = time.time()
        found = {name: _login(value) for name, value in zip(names, values, strict=True) if value}
        alive = {name: each for name, each in found.items() if now < min(each.ends_at, each.seen_at + self._idle)}
        return dict(sorted(alive.items(), key=lambda item: item[1].authenticated_at, reverse=True))

    async def end(self, user_id: uuid.UUID, *, only: str | None = None, but: str | None = None) -> None:
        now = int(time.time())
        arguments: list[str | int] = [_key(""), new_generation(), now, now + self._remembered, only or "", but or ""]
        async with self._reachable():
            ended = await self._end([_list_of(user_id), KEY], arguments)
        self._revocations.add(map(text, ended), now + self._remembered)

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        try:
            async with self._breaker.guard():
                yield
        except Unreachable as error:
            raise unavailable() from error


def name_of(token: str) -> str:
    """Return the name of the login of a refresh token, whether the login exists or not."""
    return _hash(token.partition(".")[0])


def _login(fields: Mapping[Any, Any]) -> Login:
    return Login.model_validate({text(name): text(value) for name, value in fields.items()})


def _pairs(flat: list[Any]) -> dict[Any, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _hash(value: str) -> str:
    """Hash with SHA-256, which is enough for 256 random bits. Nobody can log in with a hash from Redis."""
    return hashlib.sha256(value.encode()).hexdigest()


def _key(name: str) -> str:
    return f"{DISTRIBUTION}:login:{name}"


def _list_of(user_id: uuid.UUID | str) -> str:
    return f"{DISTRIBUTION}:logins-of:{user_id}"
