import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import MISSING, BeforeValidator, Field, WithJsonSchema

from ..pagination import PageQuery
from ..schemas import NamedEnum, NonBlankText, RequestBody, ResponseBody, Text
from .models import ItemStatus

AMOUNT = r"^[0-9]{1,10}(\.[0-9]{1,2})?$"


def _amount(value: object) -> Decimal:
    if isinstance(value, str) and re.fullmatch(AMOUNT, value):
        return Decimal(value).quantize(Decimal("0.01"))
    raise ValueError("must be a string with at most two decimals, such as 3.50")


ItemName = Annotated[NonBlankText, Field(min_length=1, max_length=200)]
ItemPrice = Annotated[
    Decimal, BeforeValidator(_amount), WithJsonSchema({"type": "string", "pattern": AMOUNT, "examples": ["3.50"]})
]
"""Price as a string: as a JSON number, nearly every client would convert it to binary floating point."""
ItemDescription = Annotated[Text, Field(max_length=2000)]
CategoryName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50, examples=["green-tea"])]


class ItemCreate(RequestBody):
    name: ItemName
    price: ItemPrice
    description: ItemDescription | None = None
    status: ItemStatus = ItemStatus.DRAFT
    category: CategoryName | None = None


class ItemChange(RequestBody):
    """Changes: only the fields that are sent are changed (RFC 7396)."""

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
    """Number of items, and their average price."""

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
