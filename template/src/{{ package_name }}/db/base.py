"""Declarative base: named constraints, time-ordered keys, and timestamps from the database's clock."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import uuid_utils.compat
from sqlalchemy import DateTime, Enum, Integer, MetaData, column, func, table
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, declared_attr, mapped_column

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints. A migration can only drop a named one, and a repository tells them apart by name."""


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # Values that the database sets are returned by the same statement, so nothing is loaded later without notice.
        arguments = {"eager_defaults": True}
        return {**arguments, "version_id_col": cls.version} if issubclass(cls, Versioned) else arguments


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

    An `UPDATE` of many rows counts as well. Only SQL that is written as text has to set the version itself.
    """

    @declared_attr
    @classmethod
    def version(cls) -> Mapped[int]:
        name: str = cast("type[Base]", cls).__tablename__
        its_own = table(name, column("version", Integer)).c.version  # qualified: other tables may have this column, too
        return mapped_column(init=False, onupdate=its_own + 1)


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """Return the type of a column for the values of an enum. By default, SQLAlchemy stores the members' names."""
    return Enum(kind, name=name, values_callable=lambda members: [member.value for member in members])
