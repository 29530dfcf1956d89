import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ..schemas import RequestBody, ResponseBody
from .models import OrderStatus

Quantity = Annotated[int, Field(ge=1, le=1000)]


class OrderCreate(RequestBody):
    item_id: uuid.UUID
    quantity: Quantity


class OrderRead(ResponseBody):
    """An order, with the name of its item and what it costs."""

    id: uuid.UUID
    item_id: uuid.UUID
    item_name: str
    quantity: int
    amount: Decimal
    status: OrderStatus
    payment_id: str | None
    created_at: datetime


class OrderChanged(ResponseBody):
    """Event that streams and sockets send."""

    id: uuid.UUID
    status: OrderStatus


class OrdersUploaded(ResponseBody):
    placed: int
