"""The SQL of items. Reads give rows of exactly the columns that are answered; writes go through the model."""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from asyncpg import Record
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.errors import violates
from ..db.keyset import Keyset
from ..db.reader import Query, Reader
from .errors import ItemCategoryInUse, ItemCategoryMissing, ItemCategoryNotFound, ItemNameTaken, ItemNotFound
from .models import Item, ItemCategory
from .schemas import ItemQuery, ItemSort

COLUMNS = (
    Item.id,
    Item.name,
    Item.price,
    Item.description,
    Item.status,
    Item.category,
    Item.version,
    Item.created_at,
    Item.updated_at,
)
BY_ID = Query(select(*COLUMNS).where(Item.id == bindparam("id")))
CATEGORIES = Query(select(ItemCategory.name).order_by(ItemCategory.name))
SUMMARY = Query(select(func.count(Item.id).label("count"), func.round(func.avg(Item.price), 2).label("average_price")))

FILTERS = {
    "status": Item.status == bindparam("status", type_=Item.status.type),
    "category": Item.category == bindparam("category"),
    "min_price": Item.price >= bindparam("min_price"),
    "max_price": Item.price <= bindparam("max_price"),
}


async def find(reader: Reader, item_id: uuid.UUID) -> Record:
    row = await reader.first(BY_ID, id=item_id)
    if row is None:
        raise _not_found(item_id)
    return row


async def find_for_change(session: AsyncSession, item_id: uuid.UUID) -> Item:
    """Locked until the transaction ends, so that what is checked here still holds when it is written."""
    item = await session.get(Item, item_id, with_for_update=True)
    if item is None:
        raise _not_found(item_id)
    return item


async def find_page(reader: Reader, query: ItemQuery, after: Sequence[Any] | None) -> list[Record]:
    """Up to `limit` + 1 rows: one more than the page holds tells that another page follows."""
    parameters = {name: value for name in FILTERS if (value := getattr(query, name)) is not None}
    page = _page(query.sort, frozenset(parameters), after_null=None if after is None else after[0] is None)
    parameters |= keyset(query.sort).parameters(after) if after else {}
    return await reader.all(page, **parameters, limit=query.limit + 1)


async def summarise(reader: Reader) -> Record:
    (row,) = await reader.all(SUMMARY)
    return row


async def save(session: AsyncSession, item: Item) -> None:
    """Send the new or changed item to the database, so that its refusal can be told in the terms of the domain."""
    name, category = item.name, item.category  # which cannot be asked for once the transaction has failed
    session.add(item)
    try:
        await session.flush()
    except IntegrityError as error:
        if violates(error, "uq_items_name"):
            raise ItemNameTaken(f"There already is an item named {name!r}.") from error
        if violates(error, "fk_items_category_item_categories"):
            raise ItemCategoryMissing(f"There is no category {category!r}.") from error
        raise


async def find_categories(reader: Reader) -> list[str]:
    return [row["name"] for row in await reader.all(CATEGORIES)]


async def add_category(session: AsyncSession, name: str) -> None:
    await session.execute(insert(ItemCategory).values(name=name).on_conflict_do_nothing())


async def remove_category(session: AsyncSession, name: str) -> None:
    """The database looks for items of the category: one may be created at the same time."""
    remove = delete(ItemCategory).where(ItemCategory.name == name).returning(ItemCategory.name)
    try:
        found = await session.scalar(remove)
    except IntegrityError as error:
        raise ItemCategoryInUse(f"There still are items of the category {name!r}.") from error
    if found is None:
        raise ItemCategoryNotFound(f"There is no category {name!r}.")


@cache
def keyset(sort: ItemSort) -> Keyset:
    return Keyset(getattr(Item, sort.removeprefix("-")), Item.id, descending=sort.startswith("-"))


@cache
def _page(sort: ItemSort, filters: frozenset[str], *, after_null: bool | None) -> Query:
    """The query of one order and one choice of filters: there are only a few, and each is built once."""
    statement = select(*COLUMNS).where(*(FILTERS[name] for name in sorted(filters)))
    if after_null is not None:
        statement = statement.where(keyset(sort).after(null=after_null))
    return Query(keyset(sort).sort(statement).limit(bindparam("limit")))


def _not_found(item_id: uuid.UUID) -> ItemNotFound:
    return ItemNotFound(f"There is no item {item_id}.")
