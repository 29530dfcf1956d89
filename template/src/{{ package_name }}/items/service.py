"""What can be done with items. A transaction is around each write, and ends outside: nothing here commits.

After the commit, and only then, the cached summary is forgotten.
"""

import uuid
from functools import partial

from ..cache import Cache, Cached
from ..db.reader import Reader
from ..db.transaction import Transaction
from ..etags import etag, require_match
from ..pagination import Cursors, Page
from . import repository
from .models import Item
from .schemas import ItemChange, ItemCreate, ItemQuery, ItemRead, ItemSummary

SUMMARY = Cached(name="items:summary", ttl=10, model=ItemSummary)
"""Counts every row, and may be some seconds old: worth a cache, as the read of one row is not."""


async def get(reader: Reader, item_id: uuid.UUID) -> ItemRead:
    return ItemRead.model_validate(dict(await repository.find(reader, item_id)))


async def get_page(reader: Reader, cursors: Cursors, query: ItemQuery) -> Page[ItemRead]:
    rows = await repository.find_page(reader, query, cursors.decode(query))
    return Page[ItemRead].model_validate(cursors.page(rows, query, (query.sort.removeprefix("-"), "id")))


async def summarise(reader: Reader, cache: Cache) -> ItemSummary:
    async def load() -> ItemSummary:
        return ItemSummary.model_validate(dict(await repository.summarise(reader)))

    return await cache.get_or_load(SUMMARY, "all", load)


async def create(session: Transaction, cache: Cache, new: ItemCreate) -> Item:
    item = Item(**new.model_dump())
    await repository.save(session, item)
    session.after_commit(partial(cache.forget, SUMMARY, "all"))
    return item


async def change(
    session: Transaction, cache: Cache, item_id: uuid.UUID, changes: ItemChange, if_match: str | None
) -> Item:
    item = await repository.find_for_change(session, item_id)
    require_match(if_match, etag(item.version))
    for field in changes.model_fields_set:
        setattr(item, field, getattr(changes, field))
    await repository.save(session, item)
    session.after_commit(partial(cache.forget, SUMMARY, "all"))
    return item


async def remove(session: Transaction, cache: Cache, item_id: uuid.UUID, if_match: str | None) -> None:
    item = await repository.find_for_change(session, item_id)
    require_match(if_match, etag(item.version))
    await session.delete(item)
    session.after_commit(partial(cache.forget, SUMMARY, "all"))
