"""Resources with owners in a project with accounts: isolated from other users, and removed with their user."""

import subprocess
from pathlib import Path

import pytest

from copperplate.questions.manifest import Value
from copperplate.resources import definitions
from testing import ROOT
from testing.git import new_repository
from testing.matrix import slots
from testing.matrix.slots import Slot

from .running import tool

pytestmark = pytest.mark.long

FILE = Path(__file__).with_name("owners.yml")
ANSWERS: dict[str, Value] = {"jobs": True, "mail": True, "auth": "session"}
REMOVAL = """
from httpx2 import AsyncClient
from sqlalchemy import text

from shop.resources import Resources
from shop.users.models import User

EMPTY = ("customers", "labels", "orders", "lines", "order_labels", "order_marks", "memberships")
ROWS = dict.fromkeys(EMPTY, 0) | {"product_tags": 1}


async def new(client: AsyncClient, path: str, **body: object) -> str:
    response = await client.post(path, json=body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def test_rows_go_with_their_owner_and_stay_while_others_refer_to_them(
    client: AsyncClient, admin_client: AsyncClient, user: User, state: Resources
) -> None:
    tag = await new(admin_client, "/product-tags", label="x")
    label = await new(client, "/labels", word="x", broader_ids=[])
    customer = await new(client, "/customers", name="x")
    references = {"customer_id": customer, "payer_id": customer, "label_ids": [label], "mark_ids": [label]}
    order = await new(client, "/orders", number="1", total="1.00", tag_ids=[tag], main_tag_id=tag, **references)
    line = await new(client, "/lines", order_id=order, quantity=1)
    await new(client, "/lines", order_id=order, quantity=1, parent_id=line)
    await new(client, "/memberships", customer_id=customer, label_id=label, partner_id=customer)
    for url in (f"/labels/{label}", f"/customers/{customer}"):
        refused = await client.delete(url, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:still-referenced")
    async with state.engine.begin() as connection:
        await connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": user.id})
        left = {table: await connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in ROWS}
    assert left == ROWS
"""


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    shop = slot.installed_project("row-3.12", ANSWERS, "3.12")
    slots.warm_up_types(shop, "3.12")
    new_repository(shop)
    command = ["copperplate", "resource", "add", "--from", str(FILE), "--no-verify", "--template", str(ROOT)]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return shop


def test_the_code_is_formatted_and_has_no_findings(project: Path) -> None:
    tool(project, "ruff", "format", "--check", ".")
    tool(project, "ruff", "check", ".")
    tool(project, "mypy")


def test_the_printed_tests_pass_and_rows_go_with_their_owner(project: Path) -> None:
    (project / "tests/test_removal.py").write_text(REMOVAL)
    folders = [f"tests/{each.name}" for each in definitions.read(FILE)]
    files = [f"tests/test_{name}.py" for name in ("removal", "architecture", "migrations", "app", "isolation")]
    tool(project, "pytest", "-q", *folders, *files)


@pytest.mark.parametrize(
    ("file", "guard", "without", "found"),
    [
        (
            "customers/repository.py",
            ", owned(Customer)))",
            "))",
            "GET /customers/{customer_id}: 200",
        ),
        (
            "orders/repository.py",
            "if not await session.owns(Customer, order.customer_id):",
            "if not order.customer_id:",
            "PATCH /orders/{order_id}: 200 for an identifier that is another user's",
        ),
    ],
)
def test_the_isolation_test_finds_a_query_without_its_owner(
    project: Path, file: str, guard: str, without: str, found: str
) -> None:
    source = project / "src/shop" / file
    whole = source.read_text()
    assert whole.count(guard) == 1
    source.write_text(whole.replace(guard, without))
    with pytest.raises(AssertionError) as failure:
        tool(project, "pytest", "-q", "tests/test_isolation.py")
    source.write_text(whole)
    assert found in str(failure.value)
