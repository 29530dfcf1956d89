import uuid
from datetime import datetime

from sqlalchemy import DateTime, Enum, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from ..auth.permissions import Role
from ..db.base import Base, Identified, Timestamped, Versioned


class User(Identified, Timestamped, Versioned, Base):
    __tablename__ = "users"
    __table_args__ = (Index(None, "created_at", "id"),)

    email: Mapped[str] = mapped_column(String(254))
    """As it was typed; no two differ in nothing but capitals."""

    name: Mapped[str | None] = mapped_column(String(200), default=None)
    role: Mapped[Role] = mapped_column(
        # As text: a new role takes no migration.
        Enum(Role, native_enum=False, length=50, values_callable=lambda roles: [role.value for role in roles]),
        default=Role.USER,
    )
    password_hash: Mapped[str | None] = mapped_column(String(255), default=None, repr=False)
    """None: nobody can log in with a password."""

    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)


Index("uq_users_email", func.lower(User.email), unique=True)


class Owned(MappedAsDataclass, kw_only=True):
    """Rows of one user. `owned` of `db/ownership.py` finds them; they go with their owner.

    NULL is for rows that were there before users were: they are nobody's, until a migration gives them to somebody.
    """

    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), default=None)
