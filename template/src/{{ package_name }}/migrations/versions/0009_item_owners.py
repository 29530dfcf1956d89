"""Owners of items. Those that are there have none: no user sees them, until a migration of yours gives them to one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "91b3e64d7f28"
down_revision: str | Sequence[str] | None = "4f9d2b7a60c5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("items", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_items_owner_id_users", "items", "users", ["owner_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_items_owner_id_created_at_id", "items", ["owner_id", "created_at", "id"])
    # A name is taken for its owner alone: another user must not learn of it.
    op.drop_constraint("uq_items_name", "items")
    op.create_unique_constraint("uq_items_owner_id_name", "items", ["owner_id", "name"])


def downgrade() -> None:
    op.drop_constraint("uq_items_owner_id_name", "items")
    op.create_unique_constraint("uq_items_name", "items", ["name"])
    op.drop_index("ix_items_owner_id_created_at_id", "items")
    op.drop_constraint("fk_items_owner_id_users", "items")
    op.drop_column("items", "owner_id")
