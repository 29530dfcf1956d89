from pathlib import Path

import pytest

from copperplate.errors.updates import SameRevisionError
from copperplate.migrations.plan import Plan, prepare, settle
from copperplate.migrations.write import write_turned
from copperplate.system.disk import File
from testing.errors import with_fields
from tests.unit.migrations.conftest import VERSIONS, Write

INITIAL = f"{VERSIONS}/0001_initial.py"
ITEMS = f"{VERSIONS}/0002_items.py"
TAGS = f"{VERSIONS}/0003_tags.py"
README = {"README.md": File(0o644, b"a project\n"), f"{VERSIONS}/__init__.py": File(0o644, b"")}

Rendering = dict[str, File]


@pytest.fixture
def without(tmp_path: Path, write: Write) -> Rendering:
    return README | {INITIAL: File(0o644, write(tmp_path / "rendered", "0001_initial", "0001", None).read_bytes())}


@pytest.fixture
def with_(tmp_path: Path, write: Write, without: Rendering) -> Rendering:
    return without | {ITEMS: File(0o644, write(tmp_path / "rendered", "0002_items", "0002", "0001").read_bytes())}


@pytest.fixture
def project(project: Path, write: Write) -> Path:
    write(project, "0001_initial", "0001", None)
    return project


def test_a_revision_only_in_the_new_rendering_is_new(without: Rendering, with_: Rendering, project: Path) -> None:
    assert prepare(without, with_, project, "shop") == (Plan(arrived=(ITEMS,)), with_)


def test_a_revision_of_a_removed_feature_stays_and_is_dropped_by_a_new_one(
    without: Rendering, with_: Rendering, project: Path, write: Write
) -> None:
    write(project, "0002_items", "0002", "0001")
    assert prepare(with_, without, project, "shop") == (Plan(retired=(ITEMS,)), with_)


def test_a_revision_that_the_project_deleted_is_not_dropped(
    without: Rendering, with_: Rendering, project: Path
) -> None:
    assert prepare(with_, without, project, "shop") == (Plan(), with_)


def test_a_revision_that_the_project_kept_is_not_added_twice(
    without: Rendering, with_: Rendering, project: Path, write: Write
) -> None:
    kept = write(project, "0002_items", "0002", "a1")
    kept.write_text("# our comment\n" + kept.read_text().replace("0002_items.", "Items, ours."))
    assert prepare(without, with_, project, "shop") == (Plan(revived=(ITEMS,)), without)


def test_another_revision_of_the_same_name_is_refused(
    without: Rendering, with_: Rendering, project: Path, write: Write
) -> None:
    own = write(project, "0002_items", "0002", "0001")
    own.write_text(own.read_text().replace('"items"', '"things"'))
    with pytest.raises(SameRevisionError, check=with_fields(file="0002_items.py")) as refused:
        prepare(without, with_, project, "shop")
    assert "rename" in refused.value.hint


def test_a_revision_in_both_renderings_stays_unchanged(without: Rendering, project: Path) -> None:
    other = without | {INITIAL: File(0o644, without[INITIAL].content.replace(b"None", b'"0000"', 1))}
    assert prepare(without, other, project, "shop") == (Plan(), without)


def test_a_feature_that_is_added_again_with_more_revisions_is_complete(
    without: Rendering, with_: Rendering, project: Path, write: Write, tmp_path: Path
) -> None:
    write(project, "0002_items", "0002", "0001")
    (dropped,) = write_turned(project, "shop", [ITEMS], drop=True)
    write(project, "a_orders", "a1", dropped.revision)
    more = File(0o644, write(tmp_path / "rendered", "0003_tags", "0003", "0002").read_bytes())
    new = with_ | {TAGS: more}
    plan, merged = prepare(without, new, project, "shop")
    assert plan == Plan(arrived=(TAGS,), revived=(ITEMS,))
    assert merged == without | {TAGS: more}
    write(project, "0003_tags", "0003", "0002")
    items, tags = settle(project, "shop", plan)
    assert (items.after, tags.after) == ("a1", items.revision)
