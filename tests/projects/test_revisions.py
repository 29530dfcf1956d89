"""A feature with tables comes to a project with revisions and rows of its own, goes, and comes back: on PostgreSQL."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from copperplate.commands.update import UpdateRequest, update
from copperplate.migrations.script import Change
from copperplate.progress import Silent
from copperplate.templates.bundled import SOURCE, Release
from copperplate.templates.releases import Releases
from copperplate.update.result import Options, State
from testing import history_stream
from testing.git import new_repository
from testing.matrix import slots
from testing.matrix.slots import Slot
from tests.projects.answers import NOTHING
from tests.projects.running import python, servers, tool

pytestmark = pytest.mark.long

VERSION = "1.0"
ORDERS = """
from sqlalchemy.orm import Mapped

from ..db.base import Base, Identified


class Order(Identified, Base):
    __tablename__ = "orders"

    number: Mapped[int]
"""

REVISION = '''"""Orders, of the project itself; with the id that the template, too, gives to its second revision."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
    )


def downgrade() -> None:
    op.drop_table("orders")
'''

MIGRATE = """
import sys
from alembic import command
from alembic.script import ScriptDirectory
from shop.db import migrate
from shop.settings import DatabaseSettings

settings = DatabaseSettings.model_validate({"url": sys.argv[1]})
configuration = migrate.configuration(settings)
(head,) = ScriptDirectory.from_config(configuration).get_heads()
for back in sys.argv[2:]:
    migrate.upgrade(settings)
    command.check(configuration)
    command.downgrade(configuration, back)
migrate.upgrade(settings)
command.check(configuration)
print("head:", head)
"""

ASK = """
import asyncio, asyncpg, sys

async def main():
    connection = await asyncpg.connect(sys.argv[1].replace("+asyncpg", "", 1))
    for statement in sys.argv[2:]:
        print(*[row[0] for row in await connection.fetch(statement)])

asyncio.run(main())
"""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
TYPES = "SELECT typname FROM pg_type WHERE typtype = 'e'"
NUMBERS = "SELECT number FROM orders ORDER BY 1"
NEW_ORDER = "INSERT INTO orders (id, number) VALUES (gen_random_uuid(), {})"
NEW_ITEM = """
INSERT INTO items (id, name, price, status, version) VALUES (gen_random_uuid(), 'lamp', 1, 'active', 1)
"""


def test_a_feature_with_tables_is_added_removed_and_added_again_without_losing_the_projects_rows(slot: Slot) -> None:
    shop = slot.installed_project("row-3.12", NOTHING, "3.12")
    own = shop / "src" / "shop" / "migrations" / "versions" / "0002_orders.py"
    own.write_text(REVISION)
    have_orders(shop)
    begin(shop)
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        assert migrated(shop, database) == "0002"
        ask(shop, database, NEW_ORDER.format(1))

        arrived = switch(shop, UpdateRequest(stay=True, on=("example",)))
        assert_a_chain(arrived, after="0002")  # of those that got another place; the last follows as it did
        newest = migrated(shop, database, "-1", "-2")
        ask(shop, database, NEW_ITEM, NEW_ORDER.format(2))
        assert ask(shop, database, TABLES) == "alembic_version idempotency_keys item_categories items orders"

        dropped = switch(shop, UpdateRequest(stay=True, off=("example",)))
        assert_a_chain(dropped, after=newest)
        assert any(change.destroys for change in dropped)
        assert migrated(shop, database, "-1", "-2") == dropped[-1].revision
        assert ask(shop, database, TABLES, TYPES, NUMBERS) == "alembic_version idempotency_keys orders\n\n1 2"

        again = switch(shop, UpdateRequest(stay=True, on=("example",)))
        assert_a_chain(again, after=dropped[-1].revision)
        assert len(again) == len(dropped)
        assert migrated(shop, database, "-1", "-2", "-3", "-5") == again[-1].revision
        assert ask(shop, database, NUMBERS, "SELECT count(*) FROM items") == "1 2\n0"
        assert migrated(shop, database, "base") == again[-1].revision
    assert own.read_text() == REVISION
    tool(shop, "ruff", "format", "--check", ".")
    tool(shop, "ruff", "check", ".")
    slots.warm_up_types(shop, "3.12")
    tool(shop, "mypy", str(own.parent))


QUEUE = "SELECT count(*) FROM pg_tables WHERE schemaname = 'jobs'"
NEW_JOB = "INSERT INTO jobs.pgqueuer (priority, status, entrypoint) VALUES (0, 'queued', 'shop.say')"


ITEMS, USERS = "SELECT count(*) FROM items", "SELECT count(*) FROM users"
OWNERS = "SELECT count(*) || ' ' || count(owner_id) FROM items"


def test_jobs_are_added_removed_and_added_again_with_their_schema(slot: Slot) -> None:
    shop = slot.installed_project("row-3.12", NOTHING, "3.12")
    (shop / "src" / "shop" / "migrations" / "versions" / "0002_orders.py").write_text(REVISION)
    have_orders(shop)
    begin(shop)
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        ask_for = (QUEUE, TYPES, NUMBERS)
        migrated(shop, database)
        ask(shop, database, NEW_ORDER.format(1))

        (arrived,) = switch(shop, UpdateRequest(stay=True, on=("jobs",)))
        assert arrived.after == "0002"
        newest = migrated(shop, database, "-1")
        ask(shop, database, NEW_JOB, NEW_ORDER.format(2))
        assert ask(shop, database, *ask_for) == "4\npgqueuer_status\n1 2"

        (dropped,) = switch(shop, UpdateRequest(stay=True, off=("jobs",)))
        assert (dropped.after, dropped.destroys) == (newest, True)
        assert migrated(shop, database, "-1", "-2") == dropped.revision
        assert ask(shop, database, *ask_for) == "0\n\n1 2"

        (again,) = switch(shop, UpdateRequest(stay=True, on=("jobs",)))
        assert migrated(shop, database, "-1", "base") == again.revision
        assert ask(shop, database, QUEUE, TYPES) == "4\npgqueuer_status"


LETTERS = "SELECT count(*) FROM sent_letters"
NEW_LETTER = "INSERT INTO sent_letters (id, name) VALUES (gen_random_uuid(), 'shop.hello')"


def test_jobs_and_mail_are_added_and_removed_together(slot: Slot) -> None:
    shop = slot.installed_project("row-3.12", NOTHING, "3.12")
    (shop / "src" / "shop" / "migrations" / "versions" / "0002_orders.py").write_text(REVISION)
    have_orders(shop)
    begin(shop)
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        migrated(shop, database)
        ask(shop, database, NEW_ORDER.format(1))

        (arrived,) = switch(shop, UpdateRequest(stay=True, on=("mail", "jobs")))  # that of mail follows it as it did
        assert arrived.after == "0002"
        newest = migrated(shop, database, "-2")
        ask(shop, database, NEW_JOB, NEW_LETTER)
        assert ask(shop, database, LETTERS, QUEUE, NUMBERS) == "1\n4\n1"
        tool(shop, "lint-imports")

        (dropped,) = switch(shop, UpdateRequest(stay=True, off=("mail",)))
        assert (dropped.after, dropped.destroys) == (newest, True)
        migrated(shop, database, "-1", "-2")
        assert ask(shop, database, QUEUE, TABLES, NUMBERS) == "4\nalembic_version idempotency_keys orders\n1"

        (again,) = switch(shop, UpdateRequest(stay=True, on=("mail",)))
        assert migrated(shop, database, "-1") == again.revision
        assert ask(shop, database, LETTERS) == "0"

        both = switch(shop, UpdateRequest(stay=True, off=("jobs", "mail")))
        assert all(change.destroys for change in both)
        migrated(shop, database, "-1", "-3")
        assert ask(shop, database, QUEUE, TABLES, NUMBERS) == "0\nalembic_version idempotency_keys orders\n1"


def test_accounts_are_added_to_a_project_with_items_and_own_rows(slot: Slot) -> None:
    shop = slot.installed_project("row-3.12", {**NOTHING, "example": True}, "3.12")
    begin(shop)
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        migrated(shop, database)
        ask(shop, database, NEW_ITEM)

        switch(shop, UpdateRequest(stay=True, on=("jobs", "mail", "auth=session")))
        migrated(shop, database, "-1", "-2")
        assert ask(shop, database, OWNERS, USERS) == "1 0\n0"
        tool(shop, "lint-imports")

        switch(shop, UpdateRequest(stay=True, off=("auth",)))
        migrated(shop, database)
        assert ask(shop, database, ITEMS) == "1"


CHECK = """
import sys
from alembic import command
from shop.db import migrate
from shop.settings import DatabaseSettings

settings = DatabaseSettings.model_validate({"url": sys.argv[1]})
if sys.argv[2] == "back":
    command.downgrade(migrate.configuration(settings), sys.argv[3])
else:
    migrate.upgrade(settings, sys.argv[3])
"""
CHECKS = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'items'::regclass"
BEFORE, DOUBLED, NAME = "5c0f2a7d91be", "ck_items_ck_items_price_not_negative", "ck_items_price_not_negative"


def test_a_constraint_with_a_doubled_prefix_is_renamed_once(slot: Slot) -> None:
    shop = slot.installed_project("row-3.12", {**NOTHING, "example": True}, "3.12")
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        python(shop, CHECK, database, "on", BEFORE)
        assert ask(shop, database, CHECKS) == DOUBLED  # as every database of an earlier release has it
        python(shop, CHECK, database, "on", "head")
        assert ask(shop, database, CHECKS) == NAME
        python(shop, CHECK, database, "back", BEFORE)
        assert ask(shop, database, CHECKS) == DOUBLED
        ask(shop, database, f"ALTER TABLE items RENAME CONSTRAINT {DOUBLED} TO {NAME}")
        python(shop, CHECK, database, "on", "head")
        assert ask(shop, database, CHECKS) == NAME


def assert_a_chain(changes: Sequence[Change], *, after: str) -> None:
    assert [change.after for change in changes] == [after, *(change.revision for change in changes[:-1])]


def begin(project: Path) -> None:
    """Let it be a project of a release: the template of this checkout."""
    answers = project / ".copier-answers.yml"
    kept = [line for line in answers.read_text().splitlines() if not line.startswith(("_commit:", "_src_path:"))]
    answers.write_text("\n".join([*kept, f'_commit: "{VERSION}"', f"_src_path: {SOURCE}", ""]))
    new_repository(project)


def switch(project: Path, request: UpdateRequest) -> tuple[Change, ...]:
    releases = Releases(SOURCE, {VERSION: Release(VERSION, history_stream.working_tree())})
    options = Options(verify=False, lock=False)
    result = update(project, request, releases=releases, options=options, progress=Silent())
    assert result.state is State.LANDED, result.report.conflicts
    return result.report.revisions


def have_orders(project: Path) -> None:
    """Add a table of the project's own."""
    feature = project / "src" / "shop" / "orders"
    feature.mkdir()
    (feature / "__init__.py").touch()
    (feature / "models.py").write_text(ORDERS.lstrip())


def migrated(project: Path, database: str, *back: str) -> str:
    """The head to which the database was brought; before that, up, back to each of `back`, and up again."""
    return python(project, MIGRATE, database, *back).rpartition("head: ")[2].strip()


def ask(project: Path, database: str, *statements: str) -> str:
    return python(project, ASK, database, *statements).strip()
