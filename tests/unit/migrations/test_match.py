"""A revision of the template is found in a project by what is in it, not by the name of its file."""

from pathlib import Path

import pytest

from copperplate.migrations import plan, script
from copperplate.migrations.write import write_turned
from tests.unit.migrations.conftest import VERSIONS, Write

ITEMS = f"{VERSIONS}/0002_items.py"


@pytest.fixture
def rendered(tmp_path: Path, write: Write) -> script.Script:
    file = write(tmp_path / "rendered", "0002_items", "0002", "0001")
    return script.parse(file, file.read_bytes())


@pytest.fixture
def project(project: Path, write: Write) -> Path:
    write(project, "0001_initial", "0001", None)
    return project


def found(rendered: script.Script, project: Path) -> str | None:
    kept = plan.match_revision(rendered, ITEMS, script.read_all(project, "shop"), project.resolve())
    return kept.file.name if kept else None


def renamed(project: Path, write: Write, *, revision: str = "0002") -> Path:
    file = write(project, "0002_items", revision, "0001")
    return file.rename(file.with_name("2026_things.py"))


def test_a_revision_is_found_by_its_file_name(rendered: script.Script, project: Path, write: Write) -> None:
    write(project, "0002_items", "0002", "0001")
    assert found(rendered, project) == "0002_items.py"


def test_a_renamed_revision_is_found_by_its_code(rendered: script.Script, project: Path, write: Write) -> None:
    renamed(project, write)
    assert found(rendered, project) == "2026_things.py"


def test_a_revision_with_another_id_is_found_by_its_code(rendered: script.Script, project: Path, write: Write) -> None:
    write(project, "a_orders", "0002", "0001")
    renamed(project, write, revision="4f1c")
    assert found(rendered, project) == "2026_things.py"


def test_a_renamed_and_edited_revision_is_found_by_its_id_and_title(
    rendered: script.Script, project: Path, write: Write
) -> None:
    file = renamed(project, write)
    file.write_text(file.read_text().replace('sa.Column("kind", kind)', 'sa.Column("kind", kind, nullable=False)'))
    assert found(rendered, project) == "2026_things.py"


def test_an_own_revision_with_the_same_id_is_not_a_match(rendered: script.Script, project: Path, write: Write) -> None:
    write(project, "a_orders", "0002", "0001")
    assert found(rendered, project) is None


def test_another_revision_with_the_same_file_name_is_not_a_match(
    rendered: script.Script, project: Path, write: Write
) -> None:
    renamed(project, write)
    own = write(project, "a_orders", "a1", "0002")
    own.rename(own.with_name("0002_items.py"))
    assert found(rendered, project) == "2026_things.py"


def test_the_match_is_the_first_revision_and_not_the_one_that_recreates_it(
    rendered: script.Script, project: Path, write: Write
) -> None:
    file = renamed(project, write)
    owned = [file.relative_to(project).as_posix()]
    (dropped,) = write_turned(project, "shop", owned, drop=True)
    (again,) = write_turned(project, "shop", owned, drop=False)
    assert [Path(change.path).name for change in (dropped, again)] == ["2026_things_dropped.py", "2026_things_again.py"]
    assert found(rendered, project) == "2026_things.py"
