"""The declarative base: every constraint named, time-ordered keys, timestamps by the database's clock."""

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
"""A migration can only drop what has a name, and a repository can only tell constraints apart by theirs."""


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # What the database fills in comes back with the statement: nothing is loaded later, behind the code's back.
        arguments = {"eager_defaults": True}
        return {**arguments, "version_id_col": cls.version} if issubclass(cls, Versioned) else arguments


class Identified(MappedAsDataclass, kw_only=True):
    """UUIDv7 (RFC 9562, section 5.7): sorts by creation, so new rows land at one end of the index."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default_factory=uuid_utils.compat.uuid7, init=False)


class Timestamped(MappedAsDataclass, kw_only=True):
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now(), init=False
    )


class Versioned(MappedAsDataclass, kw_only=True):
    """Counts the changes of a row, so that a change based on an older state can be told from a fresh one.

    Also those of an `UPDATE` of many rows. Only SQL that is written as text has to count by itself.
    """

    @declared_attr
    @classmethod
    def version(cls) -> Mapped[int]:
        name: str = cast("type[Base]", cls).__tablename__
        its_own = table(name, column("version", Integer)).c.version  # other tables may have one, too
        return mapped_column(init=False, onupdate=its_own + 1)


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """The type of a column that holds the values of an enum, where SQLAlchemy by itself takes its members' names."""
    return Enum(kind, name=name, values_callable=lambda members: [member.value for member in members])
