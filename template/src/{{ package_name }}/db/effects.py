"""Effects of a transaction outside of the database: a cache to forget, a message to send, a job to start.

They wait for the commit, since nobody may see them before what is stored, or without it.
"""

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.util.concurrency import await_

type Effect = Callable[[], Awaitable[object]]

log = structlog.get_logger()


def after_commit(session: AsyncSession, effect: Effect) -> None:
    """Run `effect` once, after the commit; never, if what is written now is rolled back, be it to a savepoint.

    Effects run in their order, after the connection is given back and before `commit` returns: in a route, before the
    response. If one fails, that is logged, and the others still run; the client is told of the commit, which stands.
    So what must not be lost is no effect: write it down in the transaction, and do it from there.
    """
    effects: _Effects | None = session.info.get("effects")
    if effects is None:
        effects = session.info["effects"] = _Effects(session.sync_session)
    effects.add(session.sync_session, effect)


class _Effects:
    """Those of one session: which still wait for the commit, and which have it behind them."""

    def __init__(self, session: Session) -> None:
        self._waiting: list[tuple[SessionTransaction | None, Effect]] = []
        self._committed: list[Effect] = []
        event.listen(session, "after_soft_rollback", self._forget)
        event.listen(session, "after_commit", self._keep)
        event.listen(session, "after_transaction_end", self._run)

    def add(self, session: Session, effect: Effect) -> None:
        self._waiting.append((session.get_nested_transaction(), effect))

    def _forget(self, _: Session, ended: SessionTransaction) -> None:
        self._waiting = [(savepoint, effect) for savepoint, effect in self._waiting if not _is_in(savepoint, ended)]

    def _keep(self, session: Session) -> None:
        if not session.in_nested_transaction():
            self._committed = [effect for _, effect in self._waiting]

    def _run(self, _: Session, ended: SessionTransaction) -> None:
        if ended.parent is None:
            effects, self._committed = self._committed, []
            self._waiting.clear()
            for effect in effects:
                await_(_attempt(effect))


def _is_in(transaction: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while transaction and transaction is not ended:
        transaction = transaction.parent
    return transaction is ended or ended.parent is None


async def _attempt(effect: Effect) -> None:
    try:
        await effect()
    except Exception:
        log.exception("an effect after a commit failed")
