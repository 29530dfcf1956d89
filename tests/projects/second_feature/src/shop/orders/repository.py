import uuid
from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.errors import violates
from ..db.reader import Query, Reader
from ..items.models import Item
from .errors import OrderedItemMissing, OrderNotFound
from .models import Order, OrderStatus

BY_ID = Query(
    select(
        Order.id,
        Order.item_id,
        Item.name.label("item_name"),
        Order.quantity,
        (Item.price * Order.quantity).label("amount"),
        Order.status,
        Order.payment_id,
        Order.created_at,
    )
    .join(Item, Item.id == Order.item_id)
    .where(Order.id == bindparam("id"))
)


async def find(reader: Reader, order_id: uuid.UUID) -> Record:
    row = await reader.first(BY_ID, id=order_id)
    if row is None:
        raise _not_found(order_id)
    return row


async def find_for_change(session: AsyncSession, order_id: uuid.UUID) -> Order:
    order = await session.get(Order, order_id, with_for_update=True)
    if order is None:
        raise _not_found(order_id)
    return order


async def add(session: AsyncSession, orders: Sequence[Order]) -> None:
    session.add_all(orders)
    try:
        await session.flush()
    except IntegrityError as error:
        if violates(error, "fk_orders_item_id_items"):
            raise OrderedItemMissing("An item that is ordered does not exist.") from error
        raise


async def cancel_older(session: AsyncSession, than: datetime) -> Sequence[uuid.UUID]:
    stale = Order.status == OrderStatus.OPEN, Order.created_at < than
    cancelled = await session.scalars(
        update(Order).where(*stale).values(status=OrderStatus.CANCELLED).returning(Order.id)
    )
    return cancelled.all()


def _not_found(order_id: uuid.UUID) -> OrderNotFound:
    return OrderNotFound(f"There is no order {order_id}.")
