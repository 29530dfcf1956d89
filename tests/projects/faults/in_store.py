"""Faults of migrations, found on a database."""

from tests.projects.faults.edits import added, replaced
from tests.projects.faults.fault import Fault

IN_STORE = (
    Fault(
        "a column of a model that no migration makes",
        "migrations",
        r"New upgrade operations detected: .*add_column",
        (
            replaced(
                "src/shop/items/models.py",
                "    status: Mapped",
                "    colour: Mapped[str | None] = mapped_column(String(20), default=None)\n    status: Mapped",
            ),
        ),
        reporter="alembic check",
    ),
    Fault(
        "a value of an enumeration that no migration adds",
        "migrations",
        r"New upgrade operations detected: .*add_enum_value",
        (
            replaced(
                "src/shop/items/models.py",
                '    ARCHIVED = "archived"\n',
                '    ARCHIVED = "archived"\n    SOLD = "sold"\n',
            ),
        ),
        reporter="alembic check",
    ),
    Fault(
        "a migration that cannot be undone",
        "migrations",
        r'index "ix_items_colour" does not exist',
        (
            replaced(
                "src/shop/migrations/versions/0002_items.py",
                '    op.drop_table("items")\n',
                '    op.drop_index("ix_items_colour")\n    op.drop_table("items")\n',
            ),
        ),
    ),
    Fault(
        "a migration that leaves something behind when it is undone",
        "migrations",
        r"after `downgrade base`, these are left in the database: type item_status",
        (replaced("src/shop/migrations/versions/0002_items.py", "    item_status.drop(op.get_bind())\n", ""),),
    ),
    Fault(
        "two migrations after the same one",
        "migrations",
        r"Multiple head revisions are present",
        (
            added(
                "src/shop/migrations/versions/0002_also.py",
                '''"""Nothing."""

from collections.abc import Sequence

revision: str = "0002b"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Do nothing."""


def downgrade() -> None:
    """Do nothing."""
''',
            ),
        ),
    ),
)
