"""Letter: an e-mail of a feature, sent by a job after the commit.

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
"""Attempts and first pause: over three hours in all. Greylisting servers refuse new senders for some minutes."""

TIMEOUT = timedelta(minutes=2)

log = structlog.get_logger()


class Envelope[C: BaseModel](BaseModel):
    """Payload of the job of a letter."""

    id: uuid.UUID = Field(default_factory=uuid_utils.compat.uuid7)
    """Id, the same in each attempt to send it."""

    to: Annotated[str, AfterValidator(address.bare)]
    context: C


@dataclass(frozen=True)
class Sending:
    """Sending of a letter, for its `prepare`."""

    tx: Transaction
    """Transaction that is committed before the letter is sent, so that the letter is true when it arrives."""

    resources: Resources
    id: uuid.UUID
    to: str


@dataclass(frozen=True)
class Letter[C: BaseModel]:
    name: str
    """Name of the templates and of the job, such as `orders.receipt`."""

    context: type[C]
    """Model of the payload of the job, and of the templates' values if there is no `prepare`. It holds no secrets."""

    prepare: Callable[[C, Sending], Awaitable[BaseModel | None]] | None = None
    """Function that makes the templates' values when the letter is sent, such as a link with a token.

    The token is stored nowhere. `None` means that the letter is no longer wanted. The function runs in each attempt. As
    a failed attempt may have sent the letter, what that letter said must stay true.
    """

    shown: type[BaseModel] | None = None
    """Model that `prepare` returns."""

    priority: int = 0

    def __post_init__(self) -> None:
        if (self.prepare is None) != (self.shown is None):
            raise ValueError(f"the letter {self.name!r} needs both `prepare` and `shown`, or none of them")

    async def send(
        self, jobs: Jobs, context: C, *, to: str, delay: timedelta = timedelta(), key: str | None = None
    ) -> int | None:
        """Enqueue it in the transaction of `jobs`: see `Jobs.enqueue`. Raises `ValueError` for an invalid address."""
        envelope = self.job.payload(to=to, context=context)
        return await jobs.enqueue(self.job, envelope, delay=delay, key=key)

    @cached_property
    def job(self) -> Job[Envelope[C]]:
        payload = cast("type[Envelope[C]]", cast("Any", Envelope)[self.context])
        return Job(self.name, payload, self._send, ATTEMPTS, BACKOFF, TIMEOUT, priority=self.priority)

    def problems(self) -> list[str]:
        """Return the faults of its templates."""
        return list(templates.problems(self.name, (self.shown or self.context).model_fields))

    def render(self, shown: BaseModel) -> templates.Rendered:
        if not isinstance(shown, self.shown or self.context):
            raise TypeError(f"the letter {self.name!r} shows a {(self.shown or self.context).__name__}")
        return templates.render(self.name, {name: getattr(shown, name) for name in type(shown).model_fields})

    async def _send(self, envelope: Envelope[C], context: Context) -> None:
        """Send the letter once; again only if the process dies between the server's answer and the commit."""
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
            # Recorded first: of two workers with the same letter, one waits for the result of the other.
            if await repository.record(tx, id_, self.name):
                await mail.mailer.send(built, sender=mail.settings.envelope_sender, to=to)
