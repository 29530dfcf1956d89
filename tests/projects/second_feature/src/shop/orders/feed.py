"""The feed: changes of orders, from all processes by way of Redis to the streams and sockets of this one.

One connection for each process, since there may be many more streams than Redis has connections.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated

from fastapi import Depends
from redis.asyncio import Redis

from ..metadata import DISTRIBUTION
from ..resources import Resources, resource
from .schemas import OrderChanged

CHANNEL = f"{DISTRIBUTION}:orders"
MOST_WAITING = 100
"""Changes that wait for a slow client; later ones it misses."""

type Changes = asyncio.Queue[OrderChanged]


class Feed:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.subscribers: set[Changes] = set()

    async def publish(self, changed: OrderChanged) -> None:
        await self._redis.publish(CHANNEL, changed.model_dump_json())

    @contextmanager
    def subscribed(self) -> Iterator[Changes]:
        changes: Changes = asyncio.Queue(MOST_WAITING)
        self.subscribers.add(changes)
        try:
            yield changes
        finally:
            self.subscribers.remove(changes)

    async def listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            async for message in channel.listen():
                if message["type"] == "message":
                    self._pass_on(OrderChanged.model_validate_json(message["data"]))

    def _pass_on(self, changed: OrderChanged) -> None:
        for changes in self.subscribers:
            if not changes.full():
                changes.put_nowait(changed)


async def listen(resources: Resources) -> None:
    await resources[Feed].listen()


@asynccontextmanager
async def open_feed(resources: Resources) -> AsyncIterator[Feed]:
    yield Feed(resources.redis)


FeedDep = Annotated[Feed, Depends(resource(Feed))]
