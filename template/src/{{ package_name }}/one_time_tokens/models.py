import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base


class Purpose(StrEnum):
    REGISTRATION = "registration"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - no password
    EMAIL_CHANGE = "email-change"


class OneTimeToken(Base):
    """Token that proves once that a user reads the letters to an address. Only its hash is stored."""

    __tablename__ = "one_time_tokens"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True, default=None
    )
