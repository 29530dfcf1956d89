"""Folders of the revisions of a project, by the settings of Alembic in `pyproject.toml`."""

from pathlib import Path

import pytest

from copperplate.migrations.layout import Layout, read_layout
from copperplate.migrations.write import append_to_head
from tests.unit.migrations.conftest import VERSIONS, Write


def names(project: Path) -> list[str]:
    return [file.name for file in read_layout(project.resolve(), "shop").scripts(project.resolve())]


def configure(project: Path, settings: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.alembic]\n{settings}\n")


def test_files_that_alembic_does_not_read_are_not_revisions(project: Path, write: Write) -> None:
    write(project, "a_orders", "a1", None)
    for other in ("__init__.py", ".#a.py", "a.pyc", "a.txt"):
        (project / VERSIONS / other).write_text("")
    assert names(project) == ["a_orders.py"]


def test_a_moved_folder_is_found_in_the_alembic_settings(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "a_orders", "a1", "0001")
    write(project, "0002_items", "0002", "0001")
    (project / "src" / "shop" / "migrations").rename(project / "database")
    configure(project, 'script_location = "%(here)s/database"')
    (change,) = append_to_head(project, "shop", [f"{VERSIONS}/0002_items.py"])
    assert (change.path, change.after) == ("database/versions/0002_items.py", "a1")


def test_several_and_nested_folders_are_read_from_the_alembic_settings(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    (project / VERSIONS / "2026").mkdir()
    (project / VERSIONS / "2026" / "b.py").write_text("")
    (project / "more").mkdir()
    (project / "more" / "c.py").write_text("")
    assert names(project) == ["0001_initial.py"]
    configure(project, f'version_locations = ["%(here)s/{VERSIONS}", "more"]\nrecursive_version_locations = true')
    assert sorted(names(project)) == ["0001_initial.py", "b.py", "c.py"]


@pytest.mark.parametrize(
    ("ini", "folder"),
    [
        ("script_location = database", "database/versions"),
        ("script_location = %(here)s/database", "database/versions"),
        ("version_locations = %(here)s/one:%(here)s/two\npath_separator = os", "two"),
        ("version_locations = one two", "two"),
    ],
)
def test_alembic_ini_is_read_if_pyproject_names_no_folder(project: Path, write: Write, ini: str, folder: str) -> None:
    write(project, "a_orders", "a1", None)
    (project / folder).mkdir(parents=True)
    (project / VERSIONS / "a_orders.py").rename(project / folder / "a_orders.py")
    (project / "alembic.ini").write_text(f"[alembic]\n{ini}\n")
    assert names(project) == ["a_orders.py"]
    configure(project, f'script_location = "{Path(VERSIONS).parent}"')
    assert names(project) == []


@pytest.mark.parametrize("place", ["/etc", "%(here)s/../other", "../.."])
def test_a_folder_outside_the_project_is_never_read(project: Path, write: Write, place: str) -> None:
    write(project, "a_orders", "a1", None)
    configure(project, f'script_location = "{place}"')
    assert read_layout(project, "shop") == Layout(())
    assert names(project) == []


@pytest.mark.parametrize("text", ["[tool", "tool = 1", "[tool]\nalembic = 1"])
def test_without_settings_the_usual_folder_is_used(project: Path, write: Write, text: str) -> None:
    write(project, "a_orders", "a1", None)
    (project / "pyproject.toml").write_text(text)
    assert names(project) == ["a_orders.py"]
