"""Effects of a transaction outside of the database: a cache to invalidate, a message to send, a job to start.

They run after the commit. Before it, or without it, nobody may see them.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.util.concurrency import await_

type Effect = Callable[[], Awaitable[object]]

LONGEST = 30.0
"""Longest time of an effect in seconds. Else effects on a service that hangs would become more and more."""

log = structlog.get_logger()

_tasks: set[asyncio.Task[None]] = set()
"""Tasks that run effects. The event loop alone would not keep them."""


def after_commit(session: AsyncSession, effect: Effect) -> None:
    """Run `effect` once after the commit, and never if the current changes are rolled back, also to a savepoint.

    Effects run in their order, after the connection is given back and before `commit` returns: in a route, before the
    response. If one fails, the error is logged, and the others still run. The commit stands, and the client gets the
    response. They also run if a deadline passes meanwhile. But a process may die between the commit and its effects. So
    do not use an effect for work that must not be lost: store it in the transaction, and do it from there.
    """
    effects: _Effects | None = session.info.get("effects")
    if effects is None:
        effects = session.info["effects"] = _Effects()
    effects.add(session.sync_session, effect)


def have_begun(session: AsyncSession) -> bool:
    """Check whether effects of this session run or have run, so that its changes are committed."""
    effects: _Effects | None = session.info.get("effects")
    return effects is not None and effects.have_begun


async def finish() -> None:
    """Wait for effects of transactions whose tasks were cancelled."""
    loop = asyncio.get_running_loop()
    if running := [task for task in _tasks if task.get_loop() is loop]:
        await asyncio.wait(running)


class _Effects:
    """Effects of one session: those that wait for the commit, and those after it."""

    def __init__(self) -> None:
        self.have_begun = False
        self._waiting: list[tuple[SessionTransaction | None, Effect]] = []
        self._committed: list[Effect] = []

    def add(self, session: Session, effect: Effect) -> None:
        self._waiting.append((session.get_nested_transaction(), effect))

    def forget(self, ended: SessionTransaction) -> None:
        self._waiting = [(savepoint, effect) for savepoint, effect in self._waiting if not _is_in(savepoint, ended)]

    def keep(self) -> None:
        self._committed = [effect for _, effect in self._waiting]

    def run(self) -> None:
        effects, self._committed = self._committed, []
        self._waiting.clear()
        if effects:
            self.have_begun = True
            await_(_run_all(effects))


# For all sessions: a listener for each session would cost a request more than an INSERT.
@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    if effects := session.info.get("effects"):
        effects.forget(ended)


@event.listens_for(Session, "after_commit")
def _keep(session: Session) -> None:
    effects = session.info.get("effects")
    if effects and not session.in_nested_transaction():
        effects.keep()


@event.listens_for(Session, "after_transaction_end")
def _run(session: Session, ended: SessionTransaction) -> None:
    effects = session.info.get("effects")
    if effects and ended.parent is None:
        effects.run()


def _is_in(transaction: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while transaction and transaction is not ended:
        transaction = transaction.parent
    return transaction is ended or ended.parent is None


async def _run_all(effects: list[Effect]) -> None:
    """Run the effects in a task of their own, which continues if this one is cancelled: the commit stands."""
    task = asyncio.create_task(_attempt(effects))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    await asyncio.shield(task)


async def _attempt(effects: list[Effect]) -> None:
    for effect in effects:
        try:
            async with asyncio.timeout(LONGEST):
                await effect()
        except Exception:
            log.exception("an effect after a commit failed")
