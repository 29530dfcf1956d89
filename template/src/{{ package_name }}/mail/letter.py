"""Letter: what a feature writes to somebody, sent by a job after the commit.

    class Receipt(BaseModel):
        number: str

    receipt = Letter("orders.receipt", Receipt)
    feature = Feature("orders", letters=(receipt,))

    await receipt.send(jobs, Receipt(number=order.number), to=customer.email)

Its templates are `orders/letters/receipt.txt` and `receipt.html`: see `templates.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, cast

import structlog
import uuid_utils.compat
from pydantic import AfterValidator, BaseModel, Field

from ..db.transaction import Transaction, transaction
from ..jobs.job import Context, Job
from ..jobs.queue import Jobs
from ..resources import Resources
from . import address, message, repository, templates
from .mailer import Mail

ATTEMPTS, BACKOFF = 10, timedelta(seconds=30)
"""Over three hours: servers that do not know a sender yet let it come again after some minutes."""

TIMEOUT = timedelta(minutes=2)

log = structlog.get_logger()


class Envelope[C: BaseModel](BaseModel):
    """What is stored with the job of a letter."""

    id: uuid.UUID = Field(default_factory=uuid_utils.compat.uuid7)
    """The same each time that it is sent."""

    to: Annotated[str, AfterValidator(address.bare)]
    context: C


@dataclass(frozen=True)
class Sending:
    """One sending of a letter, for its `prepare`."""

    tx: Transaction
    """Committed before the letter is handed over, so what the letter says is true when it arrives."""

    resources: Resources
    id: uuid.UUID
    to: str


@dataclass(frozen=True)
class Letter[C: BaseModel]:
    name: str
    """`orders.receipt`: names its templates and its job."""

    context: type[C]
    """Stored with the job, and what the templates show, if there is no `prepare`. No secrets: see there."""

    prepare: Callable[[C, Sending], Awaitable[BaseModel | None]] | None = None
    """Makes what the templates show when the letter is sent, such as a link with a token that is stored nowhere.

    If that is None, the letter is no longer wanted. It runs again with each attempt, since an attempt that failed may
    have sent the letter: what it said must stay true.
    """

    shown: type[BaseModel] | None = None
    """What `prepare` returns."""

    priority: int = 0

    def __post_init__(self) -> None:
        if (self.prepare is None) != (self.shown is None):
            raise ValueError(f"the letter {self.name!r} needs both `prepare` and `shown`, or none of them")

    async def send(
        self, jobs: Jobs, context: C, *, to: str, delay: timedelta = timedelta(), key: str | None = None
    ) -> int | None:
        """Enqueue it in the transaction of `jobs`, as `Jobs.enqueue` does. Raises `ValueError` for a wrong address."""
        envelope = self.job.payload(to=to, context=context)
        return await jobs.enqueue(self.job, envelope, delay=delay, key=key)

    @cached_property
    def job(self) -> Job[Envelope[C]]:
        payload = cast("type[Envelope[C]]", cast("Any", Envelope)[self.context])
        return Job(self.name, payload, self._send, ATTEMPTS, BACKOFF, TIMEOUT, priority=self.priority)

    def problems(self) -> list[str]:
        """What is wrong with its templates."""
        return list(templates.problems(self.name, (self.shown or self.context).model_fields))

    def render(self, shown: BaseModel) -> templates.Rendered:
        if not isinstance(shown, self.shown or self.context):
            raise TypeError(f"the letter {self.name!r} shows a {(self.shown or self.context).__name__}")
        return templates.render(self.name, {name: getattr(shown, name) for name in type(shown).model_fields})

    async def _send(self, envelope: Envelope[C], context: Context) -> None:
        """Not twice, where that can be known: whoever dies between the server's yes and the commit sends it again."""
        resources, id_, to = context.resources, envelope.id, envelope.to
        mail = resources[Mail]
        async with transaction(resources) as tx:
            if await repository.was_sent(tx, id_):
                return
            shown: BaseModel | None = envelope.context
            if self.prepare:
                shown = await self.prepare(envelope.context, Sending(tx, resources, id_, to))
        if shown is None:
            log.info("a letter is no longer wanted", letter=self.name)
            return
        built = message.build(self.render(shown), id_=id_, to=to, settings=mail.settings)
        async with transaction(resources) as tx:
            # First, so that of two workers with the same letter one waits for what becomes of it.
            if await repository.record(tx, id_, self.name):
                await mail.mailer.send(built, sender=mail.settings.envelope_sender, to=to)
