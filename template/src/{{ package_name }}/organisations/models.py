import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import DateTime, Enum, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from ..db.base import Base, Identified, Timestamped, Versioned


class OrganisationRole(StrEnum):
    """Role of a member, stored with each membership: a new name makes it another role."""

    MEMBER = "member"
    """Role that works with the rows of the organisation."""

    ADMIN = "admin"
    """Role that also invites and removes members, and renames the organisation."""

    OWNER = "owner"
    """Role that also makes others owners, and removes the organisation. There is always one owner."""

    @property
    def rank(self) -> int:
        return list(OrganisationRole).index(self)


ROLE = Enum(  # as text: a new role takes no migration
    OrganisationRole, native_enum=False, length=50, values_callable=lambda roles: [role.value for role in roles]
)


class Organisation(Identified, Timestamped, Versioned, Base):
    __tablename__ = "organisations"

    name: Mapped[str] = mapped_column(String(200))


class Membership(Base):
    __tablename__ = "organisation_members"
    __table_args__ = (Index(None, "user_id", "created_at", "organisation_id"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[OrganisationRole] = mapped_column(ROLE)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)


class Invitation(Identified, Base):
    """Invitation, open until it is accepted, revoked or expired. An organisation has at most one for an address."""

    __tablename__ = "organisation_invitations"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[OrganisationRole] = mapped_column(ROLE)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), init=False)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


Index("uq_organisation_invitations_email", Invitation.organisation_id, func.lower(Invitation.email), unique=True)


class InvitationToken(Base):
    """Token of an invitation's letter. Each letter that is sent has its own; all end with the invitation."""

    __tablename__ = "invitation_tokens"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    invitation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation_invitations.id", ondelete="CASCADE"), index=True
    )


class OwnedByOrganisation(MappedAsDataclass, kw_only=True):
    """Rows of one organisation, which `owned` of `db/ownership.py` selects. They are deleted with the organisation.

    Only routes of an `organisation_router` use them: see `access.py`. NULL is for earlier rows without an owner.
    """

    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), default=None)
