from datetime import datetime

from sqlalchemy import ARRAY, DateTime, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base, Identified
from ..users.models import Owned


class ApiKey(Owned, Identified, Base):
    __tablename__ = "api_keys"
    __table_args__ = (Index(None, "owner_id", "created_at"),)

    name: Mapped[str] = mapped_column(String(100))
    hash: Mapped[bytes] = mapped_column(repr=False)
    """Hash of the secret part of the token."""

    permissions: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    """Permissions of the key. One counts only as long as the role of the owner has it too."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    """Time of the last use, rounded to an hour: see `uses.py`."""
