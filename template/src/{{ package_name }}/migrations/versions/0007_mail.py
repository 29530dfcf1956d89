"""The letters that were sent, so that none is sent twice."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e7a1c05b42d9"
down_revision: str | Sequence[str] | None = "b52d0c7e91fa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "sent_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_letters")),
    )
    op.create_index(op.f("ix_sent_letters_sent_at"), "sent_letters", ["sent_at"])


def downgrade() -> None:
    op.drop_table("sent_letters")
