"""Faults that are seen without running the project."""

from tests.generated.faults.edits import added, appended, replaced
from tests.generated.faults.fault import Fault

WRITTEN = (
    Fault(
        "a dependency that the lock does not know",
        "lock",
        r"lockfile .* needs to be updated",
        (replaced("pyproject.toml", '  "structlog>=', '  "sniffio>=1.3",\n  "structlog>='),),
    ),
    Fault(
        "a package that is not where the build looks for it",
        "install",
        r"Expected a Python module at",
        (replaced("pyproject.toml", 'module-name = "shop"', 'module-name = "shoppe"'),),
    ),
    Fault(
        "a file that is not formatted",
        "format",
        r"Would reformat: src/shop/unformatted\.py",
        (added("src/shop/unformatted.py", "NAMES = ['one',\n    'two']\n"),),
    ),
    Fault(
        "an unformatted migration",
        "format",
        r"Would reformat: src/shop/migrations/versions/0001_initial\.py",
        (replaced("src/shop/migrations/versions/0001_initial.py", "def downgrade", "\ndef downgrade"),),
    ),
    Fault(
        "imports in disorder",
        "lint",
        r"I001",
        (replaced("src/shop/features.py", "from fastapi import APIRouter\n\nfrom", "from fastapi import APIRouter\nfrom"),),
    ),
    Fault(
        "a lint error in a test",
        "lint",
        r"T201",
        (appended("tests/test_schemas.py", '\n\nprint("reached")\n'),),
    ),
    Fault(
        "a suppressed rule that would not have complained",
        "lint",
        r"RUF100",
        (added("src/shop/suppressed.py", "ANSWER = 42  # noqa: T201\n"),),
    ),
    Fault(
        "a wrong type",
        "types",
        r"return-value",
        (added("src/shop/mistyped.py", 'def answer() -> int:\n    return "42"\n'),),
    ),
    Fault(
        "a wrong type in a test",
        "types",
        r"arg-type",
        (added("tests/mistyped.py", "from shop import about\n\nabs(about.TITLE)\n"),),
    ),
    Fault(
        "a function without types",
        "types",
        r"no-untyped-def",
        (added("src/shop/untyped.py", "from typing import Any\n\n\ndef same(thing) -> Any:  # noqa: ANN001, ANN401\n    return thing\n"),),
    ),
    Fault(
        "a type error ignored where there is none",
        "types",
        r"unused-ignore",
        (added("src/shop/ignored.py", "ANSWER = 42  # type: ignore[assignment]\n"),),
    ),
    Fault(
        "a missing dependency that the environment still holds from another set of options",
        "types",
        r'module named "limits"',
        (replaced("pyproject.toml", '  "limits>=', '  # "limits>='),),
        relocked=True,
    ),
)

STORED = (
    Fault(
        "a column of a model that no migration makes",
        "migrations",
        r"New upgrade operations detected: .*add_column",
        (replaced("src/shop/items/models.py", "    price: Mapped", "    colour: Mapped[str | None] = mapped_column(String(20), default=None)\n    price: Mapped"),),
    ),
    Fault(
        "a value of an enumeration that no migration adds",
        "migrations",
        r"New upgrade operations detected: .*sync_enum_values",
        (replaced("src/shop/items/models.py", '    ARCHIVED = "archived"\n', '    ARCHIVED = "archived"\n    SOLD = "sold"\n'),),
    ),
    Fault(
        "a migration that cannot be undone",
        "migrations",
        r'index "ix_items_colour" does not exist',
        (replaced("src/shop/migrations/versions/0002_items.py", '    op.drop_table("items")\n', '    op.drop_index("ix_items_colour")\n    op.drop_table("items")\n'),),
    ),
    Fault(
        "a migration that leaves something behind when it is undone",
        "migrations",
        r'type "item_status" already exists',
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
