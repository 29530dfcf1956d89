import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base, Identified, Timestamped, Versioned


class OrderStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Order(Identified, Timestamped, Versioned, Base):
    __tablename__ = "orders"
    __table_args__ = (CheckConstraint("quantity > 0", "quantity_positive"), Index(None, "status", "created_at"))

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("items.id"), index=True)
    quantity: Mapped[int]
    payment_id: Mapped[str | None] = mapped_column(String(100), default=None)
    status: Mapped[OrderStatus] = mapped_column(
        Enum(OrderStatus, name="order_status", values_callable=lambda statuses: [status.value for status in statuses]),
        default=OrderStatus.OPEN,
    )
