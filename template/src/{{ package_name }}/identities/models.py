import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base


class Identity(Base):
    """Name of a user at an issuer. It is never an address, which can belong to another person next year."""

    __tablename__ = "external_identities"
    __table_args__ = (Index(None, "user_id"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Account of the user; None: it was deleted, and this row refuses its earlier tokens."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    """Time when all logins were ended: tokens that were issued until then are refused."""
