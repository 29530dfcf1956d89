"""Categories of items."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c3b8f05d6a21"
down_revision: str | Sequence[str] | None = "8d41c6e07b3a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "item_categories",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_item_categories"),
    )
    op.add_column("items", sa.Column("category", sa.String(length=50), nullable=True))
    op.create_foreign_key("fk_items_category_item_categories", "items", "item_categories", ["category"], ["name"])
    op.create_index("ix_items_category_created_at_id", "items", ["category", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_items_category_created_at_id", "items")
    op.drop_constraint("fk_items_category_item_categories", "items")
    op.drop_column("items", "category")
    op.drop_table("item_categories")
