"""Ownership: rows that belong to an owner are read and changed for that owner only.

    BY_ID = Query(select(*COLUMNS).where(Item.id == bindparam("id"), owned(Item)))

A model with the column `owner_id` has owners. Rows of other models belong to everybody, and `owned` changes nothing.
The reader and the transaction of a request have the owner of its principal, so no route and no service has to name it.
Rows whose owner is NULL belong to nobody: no query of an owner finds them.
"""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, inspect, select, true

from ..errors import Forbidden
from .base import Base

COLUMN = "owner_id"


class NotAnOwner(Forbidden):
    type = "urn:problem:not-an-owner"


def has_owner(model: type[Base]) -> bool:
    return hasattr(model, COLUMN)


def owned(model: type[Base]) -> ColumnElement[bool]:
    """Return the condition for rows of the reader's owner; for all rows if the model has no owners."""
    column = getattr(model, COLUMN, None)
    return true() if column is None else column == bindparam(COLUMN, type_=column.type)


def select_owned[Row: Base](model: type[Row], key: Any, *, for_update: bool) -> Select[Row]:  # noqa: ANN401 - any key
    """Select the current row with this primary key, if it belongs to the owner."""
    (column,) = inspect(model).primary_key
    statement = select(model).where(column == key, owned(model)).execution_options(populate_existing=True)
    return statement.with_for_update() if for_update else statement


def count_owned(model: type[Base], keys: Collection[Any]) -> Select[int]:
    """Count the rows with these primary keys that belong to the owner."""
    (column,) = inspect(model).primary_key
    return select(func.count()).where(column.in_(keys), owned(model))


def require(owner: uuid.UUID | None) -> uuid.UUID:
    """Return the owner. Raises `NotAnOwner` for a principal that owns no rows, such as a service or a job."""
    if owner is None:
        raise NotAnOwner("Only a user has rows of this kind.")
    return owner


def cache_key(owner: uuid.UUID | None) -> str:
    """Return the key of a cached value that is made from an owner's rows; one for all if models have no owners."""
    return str(owner) if owner else "all"
