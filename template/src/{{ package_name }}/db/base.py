"""Declarative base: named constraints, time-ordered keys, and timestamps from the database's clock."""

import copy
import secrets
import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import uuid_utils.compat
from sqlalchemy import ColumnElement, DateTime, Enum, Integer, MetaData, Table, column, func, table
from sqlalchemy.dialects.postgresql.dml import OnConflictDoUpdate
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, declared_attr, mapped_column
from sqlalchemy.sql.schema import ColumnElementColumnDefault

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints. A migration can only drop a named one, and a repository tells them apart by name."""

HIGHEST_FIRST_VERSION = 2**30
"""Half of what the column holds: the other half is for the changes of the row."""


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # Values that the database sets are returned by the same statement, so nothing is loaded later without notice.
        arguments: dict[str, Any] = {"eager_defaults": True}
        if not issubclass(cls, Versioned):
            return arguments
        return {**arguments, "version_id_col": cls.version, "version_id_generator": cls.next_version}


class Identified(MappedAsDataclass, kw_only=True):
    """UUIDv7 key (RFC 9562, section 5.7). It sorts by creation, so new rows are at one end of the index."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default_factory=uuid_utils.compat.uuid7, init=False)


class Timestamped(MappedAsDataclass, kw_only=True):
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now(), init=False
    )


class Versioned(MappedAsDataclass, kw_only=True):
    """Version of a row, which counts its changes: so a change that is based on an older state can be refused.

    An `UPDATE` of many rows counts as well, and so does an upsert. Only SQL that is written as text has to set the
    version itself. An update of rows by their keys, `execute(update(Order), [...])`, names the version that each row
    has: it raises `StaleDataError` if one has changed meanwhile, and `KeyError` if a version is missing.
    """

    @classmethod
    def next_version(cls, version: int | None = None) -> int:
        """Return the version after this one; the first one without it.

        A row whose key is natural, such as a name, may be deleted and created again. So its versions begin at a random
        number: those of the old row are not used again.
        """
        if version is not None:
            return version + 1
        return 1 if issubclass(cls, Identified) else secrets.randbelow(HIGHEST_FIRST_VERSION) + 1

    @declared_attr
    @classmethod
    def version(cls) -> Mapped[int]:
        name: str = cast("type[Base]", cls).__tablename__
        its_own = table(name, column("version", Integer)).c.version  # qualified: other tables may have this column, too
        return mapped_column(init=False, insert_default=cls.next_version, onupdate=its_own + 1)


@compiles(OnConflictDoUpdate)
def _set_on_conflict(upsert: OnConflictDoUpdate, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - not typed
    """Set what an UPDATE would set, such as the version and `updated_at`. SQLAlchemy leaves it out of an upsert."""
    upserted: Table = compiler.current_executable.table
    complete = copy.copy(upsert)
    complete.update_values_to_set = dict(upsert.update_values_to_set)
    given = {getattr(key, "key", key) for key in upsert.update_values_to_set}
    for each in upserted.columns:
        if isinstance(each.onupdate, ColumnElementColumnDefault) and each.key not in given:
            complete.update_values_to_set[each] = cast("ColumnElement[Any]", each.onupdate.arg)
    return str(compiler.visit_on_conflict_do_update(complete, **options))


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """Return the type of a column for the values of an enum. By default, SQLAlchemy stores the members' names."""
    return Enum(kind, name=name, values_callable=lambda members: [member.value for member in members])
