"""Mailer of development: letters are kept in Redis and not sent. All processes find them there."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from redis.asyncio import Redis

from ..metadata import DISTRIBUTION

KEY = f"{DISTRIBUTION}:caught-letters"
KEPT = 100


class CaughtLetters:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def send(self, message: EmailMessage, *, sender: str, to: str) -> None:
        del sender, to
        async with self._redis.pipeline() as pipeline:
            pipeline.lpush(KEY, message.as_bytes())
            pipeline.ltrim(KEY, 0, KEPT - 1)
            await pipeline.execute()

    async def all(self) -> dict[str, EmailMessage]:
        """Return the letters by the first part of their Message-ID, the newest first."""
        found = await self._redis.lrange(KEY, 0, -1)
        letters = [message_from_bytes(raw, policy=default) for raw in found if isinstance(raw, bytes)]
        return {str(letter["Message-ID"]).strip("<>").partition("@")[0]: letter for letter in letters}
