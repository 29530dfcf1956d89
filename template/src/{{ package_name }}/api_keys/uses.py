"""Uses of API keys: when each was last used, to the hour, so that its owner sees which are not needed any more.

A request only notes that it has used a key. A loop of each process writes what was noted: so a request that reads stays
one that reads, and needs no database that can be written to.
"""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from ..db.transaction import transaction
from ..resources import Resources
from . import repository

COARSENESS = timedelta(hours=1)
WRITTEN_EVERY = 10.0
"""Seconds. A process that is killed has not written the last ones."""


class Uses:
    def __init__(self) -> None:
        self._noted: set[uuid.UUID] = set()

    def note(self, key_id: uuid.UUID, last_used_at: datetime | None) -> None:
        if last_used_at is None or datetime.now(UTC) - last_used_at > COARSENESS:
            self._noted.add(key_id)

    async def write(self, resources: Resources) -> None:
        """What fails to be written is not tried again: the next request that uses the key notes it anew."""
        noted, self._noted = self._noted, set()
        if noted:
            async with transaction(resources) as tx:
                await repository.set_used(tx, noted)


async def write_uses(resources: Resources) -> None:
    while True:
        await asyncio.sleep(WRITTEN_EVERY)
        await resources[Uses].write(resources)
