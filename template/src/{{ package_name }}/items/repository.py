"""The SQL of items. Reads give rows of exactly the columns that are answered; writes go through the model."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache

from asyncpg import Record
from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.errors import violates
from ..db.reader import Query, Reader
from .errors import ItemNameTaken, ItemNotFound
from .models import Item
from .schemas import ItemQuery, ItemSort

COLUMNS = (
    Item.id,
    Item.name,
    Item.price,
    Item.description,
    Item.status,
    Item.version,
    Item.created_at,
    Item.updated_at,
)
BY_ID = Query(select(*COLUMNS).where(Item.id == bindparam("id")))
SUMMARY = Query(select(func.count(Item.id).label("count"), func.round(func.avg(Item.price), 2).label("average_price")))

PLACES: dict[str, Callable[[str], object]] = {"created_at": datetime.fromisoformat, "name": str, "price": Decimal}
"""How a value of each sortable column is read from a cursor."""

FILTERS = {
    "status": Item.status == bindparam("status", type_=Item.status.type),
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


async def find_page(reader: Reader, query: ItemQuery, after: Sequence[str] | None) -> list[Record]:
    """Up to `limit` + 1 rows: one more than the page holds tells that another page follows."""
    given = {name: value for name in FILTERS if (value := getattr(query, name)) is not None}
    parameters = {**given, "limit": query.limit + 1}
    if after is not None:
        value, item_id = after
        parameters |= {"after": PLACES[query.sort.removeprefix("-")](value), "after_id": uuid.UUID(item_id)}
    return await reader.all(_page(query.sort, frozenset(given), after=after is not None), **parameters)


async def summarise(reader: Reader) -> Record:
    (row,) = await reader.all(SUMMARY)
    return row


async def save(session: AsyncSession, item: Item) -> None:
    """Send the new or changed item to the database, so that its refusal can be told in the terms of the domain."""
    name = item.name  # which can no longer be asked for once the transaction has failed
    session.add(item)
    try:
        await session.flush()
    except IntegrityError as error:
        if violates(error, "uq_items_name"):
            raise ItemNameTaken(f"There already is an item named {name!r}.") from error
        raise


@cache
def _page(sort: ItemSort, filters: frozenset[str], *, after: bool) -> Query:
    """The query of one order and one choice of filters: there are only a few, and each is built once."""
    column = getattr(Item, sort.removeprefix("-"))
    keys = (column, Item.id)
    descending = sort.startswith("-")
    statement = select(*COLUMNS).where(*(FILTERS[name] for name in sorted(filters)))
    if after:
        edge = tuple_(bindparam("after", type_=column.type), bindparam("after_id", type_=Item.id.type))
        statement = statement.where(tuple_(*keys) < edge if descending else tuple_(*keys) > edge)
    order = [key.desc() if descending else key.asc() for key in keys]
    return Query(statement.order_by(*order).limit(bindparam("limit")))


def _not_found(item_id: uuid.UUID) -> ItemNotFound:
    return ItemNotFound(f"There is no item {item_id}.")
