"""Uses of API keys: the time of the last use, rounded to an hour. It shows the owner which keys are not needed.

A request only notes that it has used a key. A background loop in each process writes these notes to the database. So a
request that only reads does not write, and also works with a database that is read-only.
"""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from ..db.transaction import transaction
from ..resources import Resources
from . import repository

COARSENESS = timedelta(hours=1)
WRITTEN_EVERY = 10.0
"""Interval in seconds between two writes. If the process is killed, the last notes are lost."""


class Uses:
    def __init__(self) -> None:
        self._noted: set[uuid.UUID] = set()

    def note(self, key_id: uuid.UUID, last_used_at: datetime | None) -> None:
        if last_used_at is None or datetime.now(UTC) - last_used_at > COARSENESS:
            self._noted.add(key_id)

    async def write(self, resources: Resources) -> None:
        """Write the notes. After a failure they are dropped: the next request with the key makes a new note."""
        noted, self._noted = self._noted, set()
        if noted:
            async with transaction(resources) as tx:
                await repository.set_used(tx, noted)


async def write_uses(resources: Resources) -> None:
    while True:
        await asyncio.sleep(WRITTEN_EVERY)
        await resources[Uses].write(resources)
