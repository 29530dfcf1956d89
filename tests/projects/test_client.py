"""A client that openapi-python-client generates from a project's document: it reads well, and it works."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.verify import Target
from copperplate.verify.boot import HOST, served
from copperplate.verify.session import Log, Session
from testing.matrix.slots import Slot
from tests.projects.running import tool

GENERATOR = "openapi-python-client==0.29.1"

USE = """
import sys
from shop_client import Client
from shop_client.api.items import change_item, create_item, list_items, read_item
from shop_client.models import ItemChange, ItemCreate, ItemRead, ItemSort, ItemStatus, PageItemRead, Problem

with Client(base_url=sys.argv[1], raise_on_unexpected_status=True) as client:
    for price in ("2.00", "1.00", "3.00"):
        created = create_item.sync_detailed(client=client, body=ItemCreate(name=f"Tea at {price}", price=price))
        assert isinstance(created.parsed, ItemRead), created
    item = created.parsed
    assert created.headers["Location"] == f"/items/{item.id}"

    seen, cursor = [], {}
    while True:
        page = list_items.sync(client=client, sort=ItemSort.PRICE_DESCENDING, limit=2, **cursor)
        assert isinstance(page, PageItemRead), page
        seen += [item.price for item in page.items]
        if page.next_ is None:
            break
        cursor = {"cursor": page.next_}
    assert seen == ["3.00", "2.00", "1.00"], seen

    change, tag = ItemChange(status=ItemStatus.ACTIVE), created.headers["ETag"]
    changed = change_item.sync(item.id, client=client, body=change, if_match=tag)
    assert isinstance(changed, ItemRead) and changed.status is ItemStatus.ACTIVE, changed
    refused = change_item.sync(item.id, client=client, body=change, if_match=tag)
    assert isinstance(refused, Problem) and refused.status == 412, refused
    tag = read_item.sync_detailed(item.id, client=client).headers["ETag"]
    assert read_item.sync_detailed(item.id, client=client, if_none_match=tag).status_code == 304
"""


@dataclass(frozen=True)
class Generated:
    folder: Path
    port: int

    def names(self, package: str) -> set[str]:
        return {path.stem for path in (self.folder / "shop_client" / package).glob("*.py")} - {"__init__"}


@pytest.fixture(scope="module")
def client(slot: Slot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    project = slot.installed_project("row-3.12", {}, "3.12")
    folder = tmp_path_factory.mktemp("client")
    tool(project, "shop", "openapi", "--output", str(folder / "openapi.json"))
    options = ("--path", "openapi.json", "--output-path", "shop_client", "--meta", "none", "--fail-on-warning")
    run(folder, "openapi-python-client", "generate", *options)
    with (
        Session(Target(project, "shop", "shop")) as bench,
        Log() as transcript,
        served(bench, transcript) as port,
    ):
        yield Generated(folder, port)


def run(folder: Path, *command: str) -> None:
    """In an environment of its own: the generator and the command line here need different versions of Typer."""
    argv = [str(uv.binary()), "run", "--isolated", "--no-project", "--with", GENERATOR, *command]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_modules_have_the_names_of_the_operations(client: Generated) -> None:
    items = {"change_item", "create_item", "list_items", "read_item", "remove_item", "summarise_items"}
    categories = {"add_item_category", "list_item_categories", "remove_item_category"}
    assert client.names("api/items") == items | categories
    assert client.names("api/health") == {"live", "ready"}


def test_every_member_of_an_enum_has_a_name(client: Generated) -> None:
    models = "".join(path.read_text(encoding="utf-8") for path in (client.folder / "shop_client/models").glob("*.py"))
    assert "NEWEST = " in models
    assert re.findall(r"VALUE_\d+", models) == []


def test_a_program_uses_it_as_its_types_say(client: Generated) -> None:
    run(client.folder, "python", "-c", USE, f"http://{HOST}:{client.port}")
