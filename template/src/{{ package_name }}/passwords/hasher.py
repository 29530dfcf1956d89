"""Passwords: hashed with Argon2id, in separate threads.

A hash takes 19 MiB and 40 ms on purpose. In the event loop it would block all other requests. In the thread pool that
everything shares, forty hashes at once would do the same. So there are few threads, and a limited queue of passwords.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from .. import places
from ..errors import Unavailable
from ..resources import Resources, resource
from . import policy
from .settings import PasswordSettings

RETRY_AFTER = 2


@dataclass(frozen=True)
class Verified:
    matches: bool
    rehashed: str | None = None
    """New hash to store, if the matching one was made with other parameters than the current ones."""


class Passwords:
    def __init__(self, settings: PasswordSettings) -> None:
        hasher = Argon2Hasher(time_cost=settings.iterations, memory_cost=settings.memory_kib, parallelism=1)
        self._hasher = PasswordHash((hasher,))
        self._executor = ThreadPoolExecutor(settings.workers, thread_name_prefix="passwords")
        self._room = settings.workers + settings.max_waiting
        self._dummy: Future[str] = self._executor.submit(self._hasher.hash, secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return the hash. Raises `Unavailable` if too many passwords wait, as the other functions do."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, password: str, hashed: str | None) -> Verified:
        """Verify the password. It takes as long without a hash: the time does not show whether an account exists."""
        return await self._run(self._verify, password, hashed)

    async def require_strong(self, password: str, *context: str) -> None:
        """Raise `WeakPassword` for a weak password. `context`: texts that an attacker would try first."""
        await self._run(policy.require_strong, password, context)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, hashed: str | None) -> Verified:
        try:
            matches, rehashed = self._hasher.verify_and_update(password, hashed or self._dummy.result())
        except UnknownHashError:  # not a hash of Argon2: nobody can log in with it
            return Verified(matches=False)
        return Verified(matches and hashed is not None, rehashed if hashed else None)

    async def _run[*Arguments, T](self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        if not self._room:
            raise Unavailable("Too many people log in at the moment.", retry_after=RETRY_AFTER)
        self._room -= 1
        try:
            async with places.waiting():
                return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)
        finally:
            self._room += 1


@asynccontextmanager
async def open_passwords(resources: Resources) -> AsyncIterator[Passwords]:
    passwords = Passwords(resources.settings[PasswordSettings])
    yield passwords
    passwords.close()


PasswordHasher = Annotated[Passwords, Depends(resource(Passwords))]
