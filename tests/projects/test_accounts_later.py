"""Accounts come to a project that has resources and rows, and go again: on PostgreSQL."""

import json
import subprocess
from pathlib import Path

import pytest

from copperplate import uv
from testing import ROOT
from testing.git import git, new_repository
from testing.matrix.slots import Slot
from tests.projects.answers import NOTHING

from .running import servers, tool
from .test_revisions import ask, migrated

pytestmark = pytest.mark.long

SHOP = """
customers: [name:str:80, email:email:unique]
orders: [number:str:20:unique, customer:ref:customers, "watchers:refs:customers", parent:ref:orders:null]
"""
USER = "ada@example.org"
ROWS = (
    "INSERT INTO customers (id, name, email, version) VALUES (gen_random_uuid(), 'Bob', 'bob@example.org', 1)",
    "INSERT INTO orders (id, number, customer_id, version) SELECT gen_random_uuid(), '1', id, 1 FROM customers",
    "INSERT INTO order_watchers (order_id, watcher_id) SELECT orders.id, customers.id FROM orders, customers",
)
NEW_USER = f"INSERT INTO users (id, email, role, version) VALUES (gen_random_uuid(), '{USER}', 'user', 1)"  # noqa: S608 - the test's own
ORGANISATION = "01a21ee5-0e26-72b1-901c-b7ed77403cef"
NEW_ORGANISATION = f"INSERT INTO organisations (id, name, version) VALUES ('{ORGANISATION}', 'Acme', 1)"  # noqa: S608 - the test's own
TABLES = ("customers", "orders", "order_watchers")
COUNTS = tuple(f"SELECT count(*) FROM {table}" for table in TABLES)  # noqa: S608 - the test's own
OWNED = tuple(f"SELECT count(owner_id) FROM {table}" for table in TABLES)  # noqa: S608 - the test's own


@pytest.fixture
def shop(slot: Slot, tmp_path: Path) -> Path:
    project = slot.installed_project("row-3.12", NOTHING, "3.12")
    new_repository(project)
    (tmp_path / "shop.yml").write_text(SHOP)
    run(project, "resource", "add", "--from", str(tmp_path / "shop.yml"), "--no-verify")
    return project


def run(project: Path, *arguments: str) -> str:
    command = ["copperplate", *arguments, "--template", str(ROOT)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    uv.sync(project)
    return done.stdout


def checked(project: Path) -> None:
    tool(project, "ruff", "format", "--check", ".")
    tool(project, "ruff", "check", ".")
    names = (
        "migrations",
        "architecture",
        "app",
        *(["isolation"] if (project / "tests/test_isolation.py").exists() else []),
    )
    tool(project, "pytest", "-q", "tests/customers", "tests/orders", *(f"tests/test_{name}.py" for name in names))


def test_rows_from_before_the_accounts_stay_get_owners_and_go_with_them(shop: Path) -> None:
    service = shop / "src/shop/orders/service.py"
    service.write_text(service.read_text() + "\n\nMINE = 1\n")
    git("commit", "-qam", "mine", cwd=shop)
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        migrated(shop, database)
        ask(shop, database, *ROWS)

        told = run(shop, "add", "jobs", "mail", "auth=session", "--no-verify", "--json")
        commands = json.loads(told)["result"]["report"]["shared"]
        migrated(shop, database, "-1", "-2")
        assert ask(shop, database, *COUNTS) == "1\n1\n1"
        checked(shop)

        ask(shop, database, NEW_USER)
        for command in commands.values():
            run(shop, *command.replace("EMAIL", USER.upper()).split()[1:], "--no-verify")
            migrated(shop, database)
        assert ask(shop, database, *OWNED) == "1\n1\n1"
        checked(shop)
        ask(shop, database, "DELETE FROM users")
        assert ask(shop, database, *COUNTS) == "0\n0\n0"
    assert service.read_text().endswith("MINE = 1\n")


def test_organisations_and_accounts_can_be_removed_again_and_the_rows_stay(shop: Path) -> None:
    models = (shop / "src/shop/orders/models.py").read_text()
    with servers(shop) as addresses:
        database = addresses["DATABASE_URL"]
        migrated(shop, database)
        ask(shop, database, *ROWS)
        run(shop, "add", "jobs", "mail", "auth=session", "tenancy=organisation", "--no-verify")
        migrated(shop, database)
        ask(shop, database, NEW_ORGANISATION)
        change = ("resource", "change", "orders", "--no-verify")
        run(shop, *change, "--scope", "organisation", "--rows-to", ORGANISATION)
        migrated(shop, database)
        assert ask(shop, database, *OWNED[1:2]) == "1"
        checked(shop)
        run(shop, *change, "--scope", "none", "--lossy")
        run(shop, "remove", "auth", "tenancy", "--no-verify")
        migrated(shop, database, "-1")
        assert ask(shop, database, *COUNTS) == "1\n1\n1"
    assert (shop / "src/shop/orders/models.py").read_text() == models
    checked(shop)
