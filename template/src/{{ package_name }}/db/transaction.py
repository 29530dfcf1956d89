"""Transaction: a session that commits once, at the end of its block, for routes, jobs, commands and scripts.

    async with transaction(resources) as tx:
        tx.add(order)
        tx.after_commit(partial(cache.forget, SUMMARY, "all"))

A route has it as `Session` (see `session.py`).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from . import ownership
from .base import Base
from .effects import Effect, after_commit
from .reader import Query, Reader, share

if TYPE_CHECKING:
    from ..resources import Resources


CHANGES = func.pg_current_xact_id_if_assigned().is_not(None)
SNAPSHOT = func.current_setting("transaction_isolation") != "read committed"
VIEW = Query(select((CHANGES | SNAPSHOT).label("is_its_own")))
"""A transaction gets its id with its first change. With `READ COMMITTED`, each statement reads what is current."""


class Transaction(AsyncSession):
    """Session that is committed when its block ends, rolled back when the block raises, and unusable afterwards."""

    owner: uuid.UUID | None = None
    """Owner of the rows that it reads and writes, where rows have an owner: see `ownership.py`."""

    @cached_property
    def reader(self) -> Reader:
        """Fast reads on the connection of this transaction, which see its changes."""
        return Reader(share(self), self.owner)

    @property
    def owner_id(self) -> uuid.UUID:
        """Owner of a new row. Raises `NotAnOwner` if this transaction has none."""
        return ownership.require(self.owner)

    async def get_owned[Row: Base](self, model: type[Row], key: Any, *, for_update: bool = False) -> Row | None:  # noqa: ANN401 - as `get`
        """Return the row with this key, if it belongs to the owner of this transaction or its model has no owners."""
        statement = ownership.select_owned(model, key, for_update=for_update)
        parameters = {ownership.COLUMN: self.owner_id} if ownership.has_owner(model) else {}
        return await self.scalar(statement, parameters)

    async def owns(self, model: type[Base], *keys: Any) -> bool:  # noqa: ANN401
        """Check that all rows with these keys exist and belong to the owner of this transaction. `None` is ignored."""
        wanted = {key for key in keys if key is not None}
        count = ownership.count_owned(model, wanted)
        return not wanted or await self.scalar(count, {ownership.COLUMN: self.owner_id}) == len(wanted)

    async def has_its_own_view(self) -> bool:
        """Check whether it may read what others do not: its own changes, or a state that has passed."""
        begun = self.sync_session.get_transaction()
        has_connection = begun is not None and bool(begun._connections)  # noqa: SLF001 - SQLAlchemy has no public name
        if not (has_connection or self.new or self.dirty or self.deleted):
            return False  # nothing was asked or changed yet: this takes no connection
        row = await self.reader.first(VIEW)
        return bool(row and row["is_its_own"])

    def after_commit(self, effect: Effect) -> None:
        """Run `effect` once after the commit, and never after a rollback; see `effects.py`."""
        after_commit(self, effect)


type Opened = tuple[asyncio.Task[Any] | None, Transaction]

_current: ContextVar[Opened | None] = ContextVar("transaction", default=None)
"""Transaction whose block the context is in, and the task that opened it. Child tasks copy the context."""


@asynccontextmanager
async def transaction(resources: Resources, *, owner: uuid.UUID | None = None) -> AsyncIterator[Transaction]:
    outer = _current.get()
    async with resources.sessions() as opened, opened.begin():
        opened.owner = owner
        _current.set((asyncio.current_task(), opened))
        try:
            yield opened
        finally:
            _current.set(outer)


def current() -> Transaction | None:
    """Return the transaction that this task has opened, unless it has ended."""
    task, opened = _current.get() or (None, None)
    return opened if opened and opened.in_transaction() and task is asyncio.current_task() else None
