"""Jobs of items: one after each creation, and a clean-up each night. Like every job, both may run twice."""

import uuid
from datetime import timedelta

import structlog
from pydantic import BaseModel

from ..db.transaction import transaction
from ..jobs.job import Context, Job, Nothing
from . import repository

ARCHIVED_FOR = timedelta(days=365)
"""Time for which an archived item is kept after its last change."""

log = structlog.get_logger()


class NewItem(BaseModel):
    """Payload with the id only: before the job runs, the item may have changed."""

    id: uuid.UUID


async def announce(new: NewItem, context: Context) -> None:
    """Announce a new item: here, in the log.

    For an external service, send `context.id` as the key by which it recognises a repetition.
    """
    async with transaction(context.resources) as tx:
        item = await repository.find_if_there(tx, new.id)
        if item is not None:  # else it was removed meanwhile
            log.info("a new item", item=str(item.id), status=item.status)


async def remove_archived(_: Nothing, context: Context) -> None:
    async with transaction(context.resources) as tx:
        removed = await repository.remove_archived(tx, ARCHIVED_FOR)
    log.info("archived items were removed", items=removed)


announce_item = Job("items.announce", NewItem, announce)
remove_archived_items = Job("items.remove_archived", Nothing, remove_archived, attempts=3)
