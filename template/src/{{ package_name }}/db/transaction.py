"""Transaction: a session that commits once, at the end of its block, for routes, jobs, commands and scripts alike.

    async with transaction(resources) as tx:
        tx.add(order)
        tx.after_commit(partial(cache.forget, SUMMARY, "all"))

A route asks for it as `Session` (see `session.py`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from .effects import Effect, after_commit
from .reader import Reader, share

if TYPE_CHECKING:
    from ..resources import Resources


class Transaction(AsyncSession):
    """Committed when its block ends, rolled back when the block raises, and unusable afterwards."""

    @cached_property
    def reader(self) -> Reader:
        """Fast reads on the connection of this transaction: they see what it has written."""
        return Reader(share(self))

    def after_commit(self, effect: Effect) -> None:
        """Run `effect` once after the commit, and never after a rollback; see `effects.py`."""
        after_commit(self, effect)


@asynccontextmanager
async def transaction(resources: Resources) -> AsyncIterator[Transaction]:
    async with resources.sessions() as opened, opened.begin():
        yield opened
