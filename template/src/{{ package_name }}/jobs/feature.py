from sqlalchemy import text

from ..db.transaction import transaction
from ..feature import Feature
from .job import Context, Cron, Job, Nothing
from .queue import SCHEMA, open_notifier
from .settings import JobsSettings
from .worker import work_with_server

LOG, TABLE = SCHEMA.qualified.queue_table_log, SCHEMA.qualified.queue_table
FORGET = text(
    f"DELETE FROM {LOG} WHERE id IN (SELECT id FROM {LOG} AS entry"  # noqa: S608 - the names are ours
    " WHERE created < now() - make_interval(days => :days)"
    f" AND NOT EXISTS (SELECT FROM {TABLE} AS queue WHERE queue.id = entry.job_id) LIMIT 10000)"
)
"""Statement that deletes the history of jobs that are not in the queue. The others need it to count attempts."""


async def forget_history(_: Nothing, context: Context) -> None:
    days = context.resources.settings[JobsSettings].keep_log_days
    forgotten = 1
    while forgotten:
        async with transaction(context.resources) as tx:
            forgotten = (await tx.execute(FORGET, {"days": days})).rowcount  # type: ignore[attr-defined]


forget = Job("jobs.forget_history", Nothing, forget_history)

feature = Feature(
    "jobs",
    settings={"jobs": JobsSettings},
    resources=(open_notifier,),
    background=(work_with_server,),
    jobs=(forget,),
    crons=(Cron("23 3 * * *", forget, Nothing()),),
)
