"""Job: work that outlives its request, as a feature declares it.

    async def announce(item: NewItem, context: Context) -> None: ...

    announce_item = Job("items.announce", NewItem, announce)

A worker runs it **at least once**: whoever is killed between the work and the note that it is done runs it again. So
write it so that the second time does no harm.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from croniter import croniter
from pydantic import BaseModel

from ..principal import ANONYMOUS, Principal

if TYPE_CHECKING:
    from ..resources import Resources

LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Context:
    """What a job has besides its payload. `transaction(context.resources)` commits as in a request."""

    resources: Resources
    id: int
    """The same each time that this job is tried: a key by which others can tell a repetition."""

    attempt: int = 1
    principal: Principal = ANONYMOUS
    """Who enqueued it."""


class GiveUpError(Exception):
    """To try again would not help: a job that raises it is dead at once."""


class Nothing(BaseModel):
    """The payload of a job that needs none."""


@dataclass(frozen=True)
class Job[P: BaseModel]:
    name: str
    """Stored with each job that waits: one that is renamed is another one."""

    payload: type[P]
    """Stored as JSON, and read by a version that may be newer: give each new field a default."""

    run: Callable[[P, Context], Awaitable[None]]
    attempts: int = 5
    """How often it is tried, crashes of the worker included. Then it is kept as dead, with its error."""

    backoff: timedelta = timedelta(seconds=2)
    """Before the second attempt; each further pause is twice as long, up to an hour."""

    timeout: timedelta = timedelta(minutes=5)
    concurrency: int = 0
    """How many of these run at once, over all workers; 0: as many as there are."""

    priority: int = 0
    """The higher one runs first."""

    def pause(self, attempt: int) -> timedelta:
        """After this attempt; a fifth longer or shorter, so that those that failed together do not return together."""
        doublings = 1 << min(attempt - 1, 30)
        pause = min(self.backoff * doublings, LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


@dataclass(frozen=True)
class Cron[P: BaseModel]:
    """Enqueues `job` once at each time of `expression`, however many workers there are.

    If none ran at that time, it is enqueued once when the first one starts.
    """

    expression: str
    """Minute, hour, day, month, weekday, in UTC; a sixth field is for seconds."""

    job: Job[P]
    payload: P

    def __post_init__(self) -> None:
        if not croniter.is_valid(self.expression):
            raise ValueError(f"{self.expression!r} is no cron expression")

    def following(self, moment: datetime) -> datetime:
        return croniter(self.expression, moment).get_next(datetime)
