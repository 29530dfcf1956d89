"""Items of one status, in order: the filter that lists are asked with most."""

from collections.abc import Sequence

from alembic import op

revision: str = "5c0f2a7d91be"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Building it locks the table against writes, not against reads. `CONCURRENTLY` would lock nothing, but cannot be
    # taken back if it fails, since it runs outside of a transaction.
    op.create_index("ix_items_status_created_at_id", "items", ["status", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_items_status_created_at_id", "items")
