"""Keyset order: rows are sorted by one column and then by a unique one. A condition selects the rows of a page.

Rows without a value come last, or first if descending, as PostgreSQL itself sorts (its manual, section 7.5).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Base64UrlBytes, ConfigDict, TypeAdapter
from sqlalchemy import ColumnElement, Float, Numeric, Select, and_, bindparam, case, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from ..errors import BadRequest


class Keyset:
    """An index on both columns finds each page at once. The first may be an expression, such as `func.lower(name)`.

    Only if the column may be null and the order is ascending, the rows before a page are read as well. Say `nullable`
    of a column that is null where an outer join finds no row.
    """

    def __init__(
        self,
        column: InstrumentedAttribute[Any] | ColumnElement[Any],
        unique: InstrumentedAttribute[Any],
        *,
        descending: bool,
        nullable: bool | None = None,
    ) -> None:
        self._columns = (column, unique)
        config = ConfigDict(allow_inf_nan=True)  # `numeric` has these values, too
        self._types = [TypeAdapter[Any](_type_in_json(key.type) | None, config=config) for key in self._columns]
        self._nullable = getattr(column, "nullable", True) if nullable is None else nullable
        self._descending = descending

    def sort[*Columns](self, statement: Select[*Columns]) -> Select[*Columns]:
        return statement.order_by(*(key.desc() if self._descending else key.asc() for key in self._columns))

    def after(self, *, null: bool) -> ColumnElement[bool]:
        """Return the condition for the rows after one whose sorted column has a value, or is null. See `parameters`."""
        column, unique = self._columns
        row = [bindparam(name, type_=key.type) for name, key in zip(("after", "after_id"), self._columns, strict=True)]
        if not null:
            keys, last = tuple_(*self._columns), tuple_(self._value(row[0], row[1]), row[1])
            following = keys < last if self._descending else keys > last
            return or_(following, column.is_(None)) if self._nullable and not self._descending else following
        others = and_(column.is_(None), unique < row[1] if self._descending else unique > row[1])
        return or_(others, column.is_not(None)) if self._descending else others

    def _value(self, after: ColumnElement[Any], after_id: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the value of the sorted column. `infinity` is read again: asyncpg has it for 9999-12-31, too."""
        column, unique = self._columns
        is_date = issubclass(column.type.python_type, date)
        if not is_date or getattr(column, "class_", None) is not unique.class_:
            return after
        again = select(column).where(unique == after_id).limit(1).correlate(None).scalar_subquery()
        return case((func.isfinite(after), after), else_=func.coalesce(again, after))

    def parameters(self, place: Sequence[object]) -> dict[str, object]:
        """Return the parameters of `after`, from the two values of a row as they are in JSON.

        Raises `BadRequest` if a value does not have the type of its column, which may have changed since.
        """
        try:
            after, after_id = (type_.validate_python(value) for type_, value in zip(self._types, place, strict=True))
        except ValueError as error:
            raise BadRequest("The cursor is of an earlier form of this list.") from error
        return {"after_id": after_id} if after is None else {"after": after, "after_id": after_id}


def _type_in_json(column: TypeEngine[Any]) -> Any:  # noqa: ANN401 - a type
    """Return the type of a value, as asyncpg reads it and `Cursors` writes it."""
    if isinstance(column, Numeric) and not isinstance(column, Float):
        return Decimal  # also if a model has it as `float`
    return Base64UrlBytes if column.python_type is bytes else column.python_type
