"""Passwords and the tokens of letters go: users log in at a provider. An account may have no address."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d1b86f3e702c"
down_revision: str | Sequence[str] | None = "5e07a9c2d846"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_table("one_time_tokens")
    op.drop_column("users", "password_hash")
    op.alter_column("users", "email", nullable=True)


def downgrade() -> None:
    # Of a domain that nobody can have (RFC 2606, section 2), so no letter goes there.
    op.execute("UPDATE users SET email = id || '@address.invalid' WHERE email IS NULL")
    op.alter_column("users", "email", nullable=False)
    op.add_column("users", sa.Column("password_hash", sa.String(length=255), nullable=True))
    op.create_table(
        "one_time_tokens",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_one_time_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_one_time_tokens_user_id_users", ondelete="CASCADE"),
    )
    op.create_index("ix_one_time_tokens_expires_at", "one_time_tokens", ["expires_at"])
    op.create_index("ix_one_time_tokens_user_id", "one_time_tokens", ["user_id"])
