"""Resources of all types in a project that was just created: it passes its own checks, and answers nothing with 500."""

import itertools
import re
import subprocess
from pathlib import Path

import pytest

from copperplate.resources import definitions, grammar
from copperplate.resources.specification import Field, Kind
from testing import ROOT
from testing.git import new_repository
from testing.matrix import slots
from testing.matrix.slots import Slot

from .running import tool

pytestmark = pytest.mark.long

FILE = Path(__file__).with_name("resources.yml")
RESOURCES = ("customers", "tags", "orders", "things", "empties", "memberships")
EXAMPLES = 8


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    shop = slot.installed_project("row-3.12", {}, "3.12")
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


def test_the_printed_tests_pass(project: Path) -> None:
    folders = [f"tests/{name}" for name in RESOURCES]
    tool(
        project, "pytest", "-q", *folders, "tests/test_architecture.py", "tests/test_migrations.py", "tests/test_app.py"
    )


def test_the_description_is_kept_whatever_is_sent(project: Path) -> None:
    test = project / "tests/test_contract.py"
    test.write_text(re.sub(r"^EXAMPLES = .*$", f"EXAMPLES = {EXAMPLES}", test.read_text(), flags=re.MULTILINE))
    tool(project, "pytest", "-q", "--show-capture=no", "tests/test_contract.py")


def test_the_file_has_every_type_with_every_option() -> None:
    """By an oracle of its own: the pairs of type and option that the grammar lets through."""
    fields = [grammar.parse(text) for each in definitions.read(FILE) for text in each.fields]
    covered = {(field.kind, option) for field in fields for option in options(field)}
    wanted = {(kind, option) for kind in Kind for option in (name.rstrip("=") for name in grammar.options_of(kind))}
    assert wanted - covered == set()
    assert {field.kind for field in fields} == set(Kind)


def options(field: Field) -> list[str]:
    found = {
        "list": field.is_list,
        "unique": field.unique,
        "index": field.index,
        "null": field.null,
        "default": field.default is not None,
        "min": field.minimum is not None,
        "max": field.maximum is not None,
    }
    return list(itertools.compress(found, found.values()))
