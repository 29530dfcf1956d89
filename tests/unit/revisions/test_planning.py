from pathlib import Path

import pytest

from copperplate import revisions
from copperplate.errors import RefusedError
from tests.unit.revisions.conftest import VERSIONS, Write

INITIAL = f"{VERSIONS}/0001_initial.py"
ITEMS = f"{VERSIONS}/0002_items.py"


@pytest.fixture
def before(tmp_path: Path, write: Write) -> Path:
    write(tmp_path / "before", "0001_initial", "0001", None)
    return tmp_path / "before"


@pytest.fixture
def after(tmp_path: Path, write: Write) -> Path:
    write(tmp_path / "after", "0001_initial", "0001", None)
    write(tmp_path / "after", "0002_items", "0002", "0001")
    return tmp_path / "after"


def test_a_revision_that_only_the_new_rendering_has_arrives(
    before: Path, after: Path, project: Path, write: Write
) -> None:
    write(project, "0001_initial", "0001", None)
    assert revisions.prepare(before, after, project, "shop") == revisions.Plan(arrived=(ITEMS,))
    assert (after / ITEMS).exists()


def test_a_revision_whose_feature_goes_is_kept_in_the_new_rendering_and_retired(
    before: Path, after: Path, project: Path, write: Write
) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "0002_items", "0002", "0001")
    (after / "src" / "other").mkdir()
    assert revisions.prepare(after, before, project, "shop") == revisions.Plan(retired=(ITEMS,))
    assert (before / ITEMS).read_bytes() == (after / ITEMS).read_bytes()


def test_a_revision_that_the_project_deleted_is_not_retired(before: Path, after: Path, project: Path) -> None:
    assert revisions.prepare(after, before, project, "shop") == revisions.Plan()


def test_a_revision_that_the_project_kept_does_not_come_a_second_time(
    before: Path, after: Path, project: Path, write: Write
) -> None:
    write(project, "0001_initial", "0001", None)
    kept = write(project, "0002_items", "0002", "a1")
    kept.write_text("# our comment\n" + kept.read_text().replace("0002_items.", "Items, ours."))
    assert revisions.prepare(before, after, project, "shop") == revisions.Plan(revived=(ITEMS,))
    assert not (after / ITEMS).exists()


def test_another_revision_of_the_same_name_is_refused(before: Path, after: Path, project: Path, write: Write) -> None:
    own = write(project, "0002_items", "0002", "0001")
    own.write_text(own.read_text().replace('"items"', '"things"'))
    with pytest.raises(RefusedError, match=r"0002_items\.py is another database revision") as refused:
        revisions.prepare(before, after, project, "shop")
    assert "rename" in refused.value.hint


def test_a_revision_that_both_renderings_have_stays_as_the_project_got_it(
    before: Path, after: Path, project: Path, write: Write
) -> None:
    write(after, "0001_initial", "0001", "0000")
    revisions.prepare(before, after, project, "shop")
    assert (after / INITIAL).read_bytes() == (before / INITIAL).read_bytes()
