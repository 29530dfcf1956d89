"""Name the check on prices as the model does: the naming convention had put its prefix before it twice."""

from collections.abc import Sequence

from alembic import op

revision: str = "8d41c6e07b3a"
down_revision: str | Sequence[str] | None = "5c0f2a7d91be"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME, DOUBLED = "ck_items_price_not_negative", "ck_items_ck_items_price_not_negative"


def upgrade() -> None:
    rename(DOUBLED, NAME)


def downgrade() -> None:
    rename(NAME, DOUBLED)


def rename(old: str, new: str) -> None:
    """Where somebody has renamed it by hand, there is nothing to do."""
    op.execute(
        f"""
        DO $$ BEGIN
            ALTER TABLE items RENAME CONSTRAINT {old} TO {new};
        EXCEPTION WHEN undefined_object THEN
            NULL;
        END $$
        """
    )
