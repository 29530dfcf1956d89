import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import MISSING, Field

from ..pagination import PageQuery
from ..schemas import DecimalText, NamedEnum, NonBlankText, RequestBody, ResponseBody, Text
from .models import ItemStatus

ItemName = Annotated[NonBlankText, Field(min_length=1, max_length=200)]
ItemPrice = Annotated[Decimal, DecimalText(12, 2, signed=False)]
ItemDescription = Annotated[Text, Field(max_length=2000)]
CategoryName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50, examples=["green-tea"])]


class ItemCreate(RequestBody):
    name: ItemName
    price: ItemPrice
    description: ItemDescription | None = None
    status: ItemStatus = ItemStatus.DRAFT
    category: CategoryName | None = None


class ItemChange(RequestBody):
    """Only what is sent is changed (RFC 7396)."""

    name: ItemName | MISSING = MISSING
    price: ItemPrice | MISSING = MISSING
    description: ItemDescription | MISSING | None = MISSING
    status: ItemStatus | MISSING = MISSING
    category: CategoryName | MISSING | None = MISSING


class ItemRead(ResponseBody):
    id: uuid.UUID
    name: str
    price: Decimal
    description: str | None
    status: ItemStatus
    category: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class ItemSummary(ResponseBody):
    """How many items there are, and what they cost on average."""

    count: int
    average_price: Decimal | None


class ItemSort(NamedEnum):
    NEWEST = "-created_at"
    OLDEST = "created_at"
    NAME = "name"
    NAME_DESCENDING = "-name"
    PRICE = "price"
    PRICE_DESCENDING = "-price"


class ItemQuery(PageQuery):
    sort: ItemSort = ItemSort.NEWEST
    status: ItemStatus | None = None
    category: CategoryName | None = None
    min_price: ItemPrice | None = None
    max_price: ItemPrice | None = None
