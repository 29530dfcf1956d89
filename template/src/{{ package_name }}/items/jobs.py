"""Jobs of items: one after each creation, and a clean-up each night. Both may run twice, as every job may."""

import uuid
from datetime import timedelta

import structlog
from pydantic import BaseModel

from ..db.transaction import transaction
from ..jobs.job import Context, Job, Nothing
from . import repository

ARCHIVED_FOR = timedelta(days=365)
"""How long an archived item is kept after its last change."""

log = structlog.get_logger()


class NewItem(BaseModel):
    """What a job needs to find the rest: between its creation and its job, the item may have changed."""

    id: uuid.UUID


async def announce(new: NewItem, context: Context) -> None:
    """Tell the world of a new item; here the world is the log.

    A service of others would get `context.id` as the key by which it knows a repetition.
    """
    async with transaction(context.resources) as tx:
        item = await repository.find_if_there(tx, new.id)
        if item is not None:  # else it is gone already
            log.info("a new item", item=str(item.id), status=item.status)


async def remove_archived(_: Nothing, context: Context) -> None:
    async with transaction(context.resources) as tx:
        removed = await repository.remove_archived(tx, ARCHIVED_FOR)
    log.info("archived items were removed", items=removed)


announce_item = Job("items.announce", NewItem, announce)
remove_archived_items = Job("items.remove_archived", Nothing, remove_archived, attempts=3)
