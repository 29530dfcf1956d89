"""Keyset order: rows are sorted by one column and then by a unique one. A condition selects the rows of a page.

Rows without a value come last, or first if descending, as PostgreSQL itself sorts (its manual, section 7.5).
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Base64UrlBytes, ConfigDict, TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from ..errors import BadRequest


class Keyset:
    """An index on both columns finds each page at once. The first may be an expression, such as `func.lower(name)`.

    Only if the column may be null and the order is ascending, the rows before a page are read as well.
    """

    def __init__(
        self,
        column: InstrumentedAttribute[Any] | ColumnElement[Any],
        unique: InstrumentedAttribute[Any],
        *,
        descending: bool,
    ) -> None:
        self._columns = (column, unique)
        config = ConfigDict(allow_inf_nan=True)  # `numeric` has these values, too
        types: list[Any] = [key.type.python_type for key in self._columns]
        types = [Base64UrlBytes if type_ is bytes else type_ for type_ in types]  # as `Cursors` writes them
        self._types = [TypeAdapter[Any](type_ | None, config=config) for type_ in types]
        self._nullable = getattr(column, "nullable", True)
        self._descending = descending

    def sort[*Columns](self, statement: Select[*Columns]) -> Select[*Columns]:
        return statement.order_by(*(key.desc() if self._descending else key.asc() for key in self._columns))

    def after(self, *, null: bool) -> ColumnElement[bool]:
        """Return the condition for the rows after one whose sorted column has a value, or is null. See `parameters`."""
        column, unique = self._columns
        row = [bindparam(name, type_=key.type) for name, key in zip(("after", "after_id"), self._columns, strict=True)]
        if not null:
            keys = tuple_(*self._columns)
            following = keys < tuple_(*row) if self._descending else keys > tuple_(*row)
            return or_(following, column.is_(None)) if self._nullable and not self._descending else following
        others = and_(column.is_(None), unique < row[1] if self._descending else unique > row[1])
        return or_(others, column.is_not(None)) if self._descending else others

    def parameters(self, place: Sequence[object]) -> dict[str, object]:
        """Return the parameters of `after`, from the two values of a row as they are in JSON.

        Raises `BadRequest` if a value does not have the type of its column, which may have changed since.
        """
        try:
            after, after_id = (type_.validate_python(value) for type_, value in zip(self._types, place, strict=True))
        except ValueError as error:
            raise BadRequest("The cursor is of an earlier form of this list.") from error
        return {"after_id": after_id} if after is None else {"after": after, "after_id": after_id}
