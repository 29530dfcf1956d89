"""Life of a resource in a project that was just created: added, edited, changed, removed, on a real database."""

import json
import subprocess
from pathlib import Path

import pytest

from copperplate.resources import definitions
from copperplate.resources.specification import Operation
from testing import ROOT
from testing.git import git, new_repository
from testing.matrix import slots
from testing.matrix.slots import Slot

from .running import tool

pytestmark = pytest.mark.long

ORDERS = (
    "number:str:20:unique",
    "total:decimal:12/2:min=0",
    "status:enum:draft/paid:default=draft",
    "note:text:null",
    "weight:int:min=2",
    "customer:ref:customers",
    "placed_at:datetime:index",
)
CHANGE = (
    "status:enum:draft/sent/paid/void:default=draft",
    "channel:enum:web/by-mail:default=web",
    "total:decimal:14/2:min=0",
    "note:text:default=none",
    "discount:decimal:5/2:null",
    "priority:int:min=1:max=5:default=3:index",
    "tags:str:list:null",
    "watchers:refs:customers",
)
PARCELS = "parcels: [code:str:20:unique, weight:int:min=2, note:text:null]"
OTHER_PARCELS = """
parcels:
  only: [list, read, create]
  fields: [label:str:20:unique, note:text:null, size:enum:small/large:default=small]
"""
CHECKS = ("tests/customers", "tests/test_migrations.py", "tests/test_architecture.py")


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    shop = slot.installed_project("row-3.12", {}, "3.12")
    slots.warm_up_types(shop, "3.12")
    new_repository(shop)
    resource(shop, "add", "customers", "name:str:80", "email:email:unique")
    resource(shop, "add", "orders", *ORDERS)
    return shop


def resource(project: Path, verb: str, *arguments: str) -> str:
    where = () if verb == "eject" else ("--template", str(ROOT))
    command = ["copperplate", "resource", verb, *arguments, "--no-verify", *where]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def passes_its_checks(project: Path, *tests: str) -> None:
    tool(project, "ruff", "format", "--check", ".")
    tool(project, "ruff", "check", ".")
    tool(project, "pytest", "-q", *tests)


def test_a_file_of_which_the_definition_was_edited_makes_the_resource_as_it_defines_it(
    project: Path, tmp_path: Path
) -> None:
    file = tmp_path / "shop.yml"
    file.write_text(PARCELS)
    resource(project, "add", "--from", str(file))
    models = project / "src/shop/parcels/models.py"
    models.write_text(models.read_text().replace("    __tablename__", "    # mine\n    __tablename__"))
    git("commit", "-qam", "mine", cwd=project)
    file.write_text(OTHER_PARCELS)
    resource(project, "change", "parcels", "--from", str(file), "--rename", "code:label", "--lossy")
    parcels = definitions.load_recorded(project)["parcels"]
    assert [field.name for field in parcels.fields] == ["label", "note", "size"]
    assert parcels.operations == (Operation.LIST, Operation.READ, Operation.CREATE)
    assert "    # mine\n" in models.read_text()
    passes_its_checks(project, "tests/parcels", "tests/test_migrations.py")
    before = git("rev-parse", "HEAD", cwd=project)
    resource(project, "change", "parcels", "--from", str(file))
    assert git("rev-parse", "HEAD", cwd=project) == before


def test_a_change_keeps_the_lines_of_the_user_and_a_removal_leaves_a_project_that_passes_its_checks(
    project: Path,
) -> None:
    service = project / "src/shop/orders/service.py"
    service.write_text(service.read_text() + "\n\nMINE = 1\n")
    git("commit", "-qam", "mine", cwd=project)
    told = json.loads(
        resource(
            project, "change", "orders", *CHANGE, "--drop", "weight", "--rename", "number:code", "--lossy", "--json"
        )
    )
    (revision,) = told["result"]["report"]["revisions"]
    text = (project / revision["path"]).read_text()
    assert 'op.alter_column("orders", "number", new_column_name="code")' in text
    assert 'UPDATE "orders" SET "note" = ' in text
    assert service.read_text().endswith("MINE = 1\n")
    passes_its_checks(project, "tests/orders", *CHECKS)
    tool(project, "mypy", revision["path"], "src/shop/orders")
    service.write_text(service.read_text().replace("\n\nMINE = 1\n", ""))
    git("commit", "-qam", "not mine", cwd=project)
    resource(project, "remove", "orders")
    resource(project, "eject", "customers")
    assert git("ls-files", "src/shop/orders", "tests/orders", cwd=project) == ""
    assert (project / "src/shop/customers/models.py").exists()
    passes_its_checks(project, *CHECKS)
