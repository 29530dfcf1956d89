"""Items belong to organisations. Those of a user now are those of the organisation with the id of that user."""

from collections.abc import Sequence

from alembic import op

revision: str = "e03f6a91c57d"
down_revision: str | Sequence[str] | None = "5b7e02c9d184"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_constraint("fk_items_owner_id_users", "items")
    op.create_foreign_key(
        "fk_items_owner_id_organisations", "items", "organisations", ["owner_id"], ["id"], ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_constraint("fk_items_owner_id_organisations", "items")
    # Rows of an organisation that was nobody's own are nobody's, until a migration of yours gives them to somebody.
    op.execute("UPDATE items SET owner_id = NULL WHERE owner_id NOT IN (SELECT id FROM users)")
    op.create_foreign_key("fk_items_owner_id_users", "items", "users", ["owner_id"], ["id"], ondelete="CASCADE")
