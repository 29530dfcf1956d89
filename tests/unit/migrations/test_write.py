from pathlib import Path

import pytest

from copperplate.errors.updates import IrreversibleRevisionError
from copperplate.migrations import script
from copperplate.migrations.write import write_turned
from tests.unit.migrations.conftest import VERSIONS, Write

ITEMS = f"{VERSIONS}/0002_items.py"
TAGS = f"{VERSIONS}/0003_tags.py"
TURNED = '''"""Drop what revision 0002 made, with all its rows: its feature was removed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "{revision}"
down_revision: str | Sequence[str] | None = "a1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

kind = sa.Enum("a", name="items_kind")


# What it held is gone.
def upgrade() -> None:
    op.drop_table("items")
    kind.drop(op.get_bind())


def downgrade() -> None:
    kind.create(op.get_bind())
    op.create_table("items", sa.Column("kind", kind))
'''


@pytest.fixture
def items(project: Path, write: Write) -> Path:
    write(project, "0001_initial", "0001", None)
    file = write(project, "0002_items", "0002", "0001")
    write(project, "a_orders", "a1", "0002")
    return file


def test_a_feature_that_is_removed_leaves_a_revision_that_drops_its_tables(project: Path, items: Path) -> None:
    before = items.read_bytes()
    (change,) = write_turned(project, "shop", [ITEMS], drop=True)
    assert (change.path, change.after, change.destroys) == (f"{VERSIONS}/0002_items_dropped.py", "a1", True)
    assert "drops what 0002 (0002_items.py) made, with all its rows" in change.note
    assert (project / change.path).read_text() == TURNED.format(revision=change.revision)
    assert script.head(script.read_all(project, "shop")) == change.revision
    assert items.read_bytes() == before


@pytest.mark.parametrize(
    ("made", "lost"),
    [
        ('op.add_column("orders", sa.Column("owner_id", sa.Uuid()))', ", with the values of its columns,"),
        ('op.create_index("ix_orders_number", "orders", ["number"])', ""),
        ('op.drop_table("passwords")', ""),
        ('op.execute("CREATE TABLE numbers ()")', ", with all its rows,"),
        ('make("numbers")', ", with all its rows,"),
        ('bind = op.get_bind()\n    make("numbers", bind)', ", with all its rows,"),
    ],
)
def test_rows_are_said_to_go_only_with_a_table(project: Path, items: Path, made: str, lost: str) -> None:
    kept = 'kind.create(op.get_bind())\n    op.create_table("items", sa.Column("kind", kind))'
    items.write_text(items.read_text().replace(kept, made))
    (change,) = write_turned(project, "shop", [ITEMS], drop=True)
    assert f"drops what 0002 (0002_items.py) made{lost} when the database is migrated" in change.note
    summary = (project / change.path).read_text().splitlines()[0]
    assert summary == f'"""Drop what revision 0002 made{lost.rstrip(",")}: its feature was removed."""'
    (again,) = write_turned(project, "shop", [ITEMS], drop=False)
    assert again.after == change.revision


def test_a_feature_that_is_added_again_gets_a_revision_that_makes_its_tables_again(project: Path, items: Path) -> None:
    (dropped,) = write_turned(project, "shop", [ITEMS], drop=True)
    (made,) = write_turned(project, "shop", [ITEMS], drop=False)
    assert (made.path, made.after, made.destroys) == (f"{VERSIONS}/0002_items_again.py", dropped.revision, False)
    expected = items.read_text().replace(
        '"""0002_items."""', '"""Make again what revision 0002 made: its feature was added again."""'
    )
    expected = expected.replace('"0002"', f'"{made.revision}"').replace('"0001"', f'"{dropped.revision}"')
    assert (project / made.path).read_text() == expected


def test_only_dropped_revisions_are_recreated_and_only_once(project: Path, items: Path) -> None:
    assert items.exists()
    assert write_turned(project, "shop", [ITEMS], drop=False) == ()
    assert len(write_turned(project, "shop", [ITEMS], drop=True)) == 1
    assert write_turned(project, "shop", [ITEMS], drop=True) == ()
    assert len(write_turned(project, "shop", [ITEMS], drop=False)) == 1
    assert write_turned(project, "shop", [ITEMS], drop=False) == ()


def test_a_feature_can_be_added_and_removed_any_number_of_times(project: Path, items: Path) -> None:
    paths = []
    for _ in range(3):
        for drop in (True, False):
            (change,) = write_turned(project, "shop", [ITEMS], drop=drop)
            paths.append(change.path.removeprefix(f"{VERSIONS}/{items.stem}_"))
    assert paths == ["dropped.py", "again.py", "dropped_2.py", "again_2.py", "dropped_3.py", "again_3.py"]
    assert len(script.ordered(script.read_all(project, "shop"))) == 9
    script.head(script.read_all(project, "shop"))


def test_the_newest_table_is_dropped_first(project: Path, items: Path, write: Write) -> None:
    assert items.exists()
    write(project, "0003_tags", "0003", "a1")
    tags_dropped, items_dropped = write_turned(project, "shop", [ITEMS, TAGS], drop=True)
    assert [tags_dropped.after, items_dropped.after] == ["0003", tags_dropped.revision]
    assert tags_dropped.path.endswith("0003_tags_dropped.py")
    items_again, tags_again = write_turned(project, "shop", [TAGS, ITEMS], drop=False)
    assert [items_again.after, tags_again.after] == [items_dropped.revision, items_again.revision]


def test_the_same_is_written_each_time(project: Path, items: Path) -> None:
    (first,) = write_turned(project, "shop", [ITEMS], drop=True)
    (project / first.path).unlink()
    assert items.exists()
    assert write_turned(project, "shop", [ITEMS], drop=True) == (first,)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def downgrade", "def back"),
        ("    op.drop_table", "    upgrade()\n    op.drop_table"),
        ("def upgrade", "async def upgrade"),
    ],
)
def test_a_revision_that_cannot_be_reversed_is_refused(project: Path, items: Path, old: str, new: str) -> None:
    items.write_text(items.read_text().replace(old, new))
    before = sorted((project / VERSIONS).iterdir())
    with pytest.raises(IrreversibleRevisionError):
        write_turned(project, "shop", [ITEMS], drop=True)
    assert sorted((project / VERSIONS).iterdir()) == before


def test_functions_with_decorators_or_no_last_newline_are_reversed_too(project: Path, items: Path) -> None:
    source = items.read_text().replace("def downgrade", "@slowly\ndef downgrade").rstrip("\n")
    items.write_text(source)
    (change,) = write_turned(project, "shop", [ITEMS], drop=True)
    turned = (project / change.path).read_text()
    assert "# What it held is gone.\n@slowly\ndef upgrade() -> None:\n    op.drop_table" in turned
    assert turned.endswith('sa.Column("kind", kind))\n')
