import csv
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import ValidationError

from ..db.reader import Reader
from ..db.transaction import Transaction, transaction
from ..resources import Resources
from . import repository
from .errors import OrderNotOpen, UnreadableOrders
from .feed import Feed
from .models import Order, OrderStatus
from .payments import Payments
from .schemas import OrderChanged, OrderCreate, OrderRead


async def get(reader: Reader, order_id: uuid.UUID) -> OrderRead:
    return OrderRead.model_validate(dict(await repository.find(reader, order_id)))


async def place(session: Transaction, feed: Feed, *new: OrderCreate) -> list[Order]:
    orders = [Order(**each.model_dump()) for each in new]
    await repository.add(session, orders)
    for order in orders:
        session.after_commit(partial(feed.publish, OrderChanged.model_validate(order)))
    return orders


async def pay(resources: Resources, order_id: uuid.UUID) -> OrderRead:
    """Charge first, with no transaction open meanwhile. If it fails afterwards, another attempt charges nothing."""
    order = await get(resources.reader, order_id)
    _require_open(order.status)
    payment_id = await resources[Payments].charge(order_id, order.amount)
    async with transaction(resources) as tx:
        stored = await repository.find_for_change(tx, order_id)
        _require_open(stored.status)
        stored.status, stored.payment_id = OrderStatus.PAID, payment_id
        paid = OrderChanged(id=order_id, status=OrderStatus.PAID)
        tx.after_commit(partial(resources[Feed].publish, paid))
    return await get(resources.reader, order_id)


async def cancel_older(resources: Resources, hours: int) -> int:
    async with transaction(resources) as tx:
        cancelled = await repository.cancel_older(tx, datetime.now(UTC) - timedelta(hours=hours))
        for order_id in cancelled:
            changed = OrderChanged(id=order_id, status=OrderStatus.CANCELLED)
            tx.after_commit(partial(resources[Feed].publish, changed))
    return len(cancelled)


def read_orders(lines: Iterable[str]) -> list[OrderCreate]:
    """Those of a CSV file, whose first line names `item_id` and `quantity`."""
    try:
        return [OrderCreate.model_validate(row, strict=False) for row in csv.DictReader(lines)]
    except (ValidationError, csv.Error) as error:
        raise UnreadableOrders("Each line has an item_id and a quantity.") from error


def _require_open(status: OrderStatus) -> None:
    if status is not OrderStatus.OPEN:
        raise OrderNotOpen(f"The order is {status}.")
