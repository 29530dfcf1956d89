from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base, Identified, Timestamped, Versioned


class ItemStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class ItemCategory(Base):
    """Its name is its key, so an item shows its category without a join, and a rename is a new category."""

    __tablename__ = "item_categories"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)


class Item(Identified, Timestamped, Versioned, Base):
    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("price >= 0", "price_not_negative"),
        Index(None, "created_at", "id"),
        Index(None, "price", "id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "category", "created_at", "id"),
    )

    name: Mapped[str] = mapped_column(String(200), unique=True)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    description: Mapped[str | None] = mapped_column(String(2000), default=None)
    status: Mapped[ItemStatus] = mapped_column(
        Enum(ItemStatus, name="item_status", values_callable=lambda statuses: [status.value for status in statuses]),
        default=ItemStatus.DRAFT,
    )
    category: Mapped[str | None] = mapped_column(ForeignKey(ItemCategory.name), default=None)
