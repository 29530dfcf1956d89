"""Job: work of a feature that runs outside of a request.

    async def announce(item: NewItem, context: Context) -> None: ...

    announce_item = Job("items.announce", NewItem, announce)

A worker runs it **at least once**: if the worker is killed after the work and before this is recorded, it runs again.
So write it so that a second run does no harm.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from croniter import CroniterError, croniter
from pydantic import BaseModel

from ..principal import ANONYMOUS, Principal

if TYPE_CHECKING:
    from ..resources import Resources

LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Context:
    """Context of a job, besides its payload. `transaction(context.resources)` commits as in a request."""

    resources: Resources
    id: int
    """Id, the same in each attempt. Other systems can use it as a key to recognise a repetition."""

    attempt: int = 1
    principal: Principal = ANONYMOUS
    """Principal that enqueued the job."""


class GiveUpError(Exception):
    """Error for a job that no further attempt can help: the job is dead at once."""


class Nothing(BaseModel):
    """Payload of a job that needs none."""


@dataclass(frozen=True)
class Job[P: BaseModel]:
    name: str
    """Name, which is stored with each job that waits. A new name makes it another job."""

    payload: type[P]
    """Model of the payload. It is stored as JSON, and a newer version may read it: give each new field a default."""

    run: Callable[[P, Context], Awaitable[None]]
    attempts: int = 5
    """Largest number of attempts, crashes of workers included. Then the job is kept as dead, with its error."""

    backoff: timedelta = timedelta(seconds=2)
    """Pause before the second attempt. Each further pause is twice as long, up to an hour."""

    timeout: timedelta = timedelta(minutes=5)
    concurrency: int = 0
    """Jobs of this kind that run at once, over all workers; 0: no limit."""

    priority: int = 0
    """Priority; jobs with a higher one run first."""

    def pause(self, attempt: int) -> timedelta:
        """Return the pause after this attempt, up to a fifth longer or shorter, to spread jobs that fail together."""
        doublings = 1 << min(attempt - 1, 30)
        pause = min(self.backoff * doublings, LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


@dataclass(frozen=True)
class Cron[P: BaseModel]:
    """Cron: enqueues `job` once at each time of `expression`, for any number of workers.

    If no worker ran at that time, the job is enqueued once when the first one starts.
    """

    expression: str
    """Minute, hour, day, month and weekday, in UTC; a sixth field is for seconds."""

    job: Job[P]
    payload: P

    def __post_init__(self) -> None:
        try:
            self.following(datetime.now(UTC))
        except CroniterError:  # a date that never comes, such as 30 February, is one as well
            raise ValueError(f"{self.expression!r} is no cron expression, or no time fits it") from None

    def following(self, moment: datetime) -> datetime:
        return croniter(self.expression, moment).get_next(datetime)
