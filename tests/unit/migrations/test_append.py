from pathlib import Path

import pytest

from copperplate.errors import RefusedError
from copperplate.errors.updates import (
    IntricateRevisionError,
    ManyHeadsError,
    MissingRevisionError,
    RevisionCircleError,
    SameRevisionError,
    UnreadableRevisionError,
)
from copperplate.migrations import script
from copperplate.migrations.write import append_to_head
from testing.errors import with_fields
from tests.unit.migrations.conftest import VERSIONS, Write


def path(name: str) -> str:
    return f"{VERSIONS}/{name}.py"


def line(project: Path) -> list[tuple[str, tuple[str, ...]]]:
    """The chain, each with what it follows."""
    return [(each.revision, each.parents) for each in script.ordered(script.read_all(project, "shop"))]


def test_a_new_revision_follows_the_projects_own_head(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    own = write(project, "a_orders", "a1", "0001")
    before = own.read_bytes()
    items = write(project, "0002_items", "0002", "0001")
    (change,) = append_to_head(project, "shop", [path("0002_items")])
    assert (change.path, change.revision, change.after, change.destroys) == (path("0002_items"), "0002", "a1", False)
    assert line(project) == [("0001", ()), ("a1", ("0001",)), ("0002", ("a1",))]
    assert own.read_bytes() == before
    assert items.read_text().count('down_revision: str | Sequence[str] | None = "a1"') == 1


def test_several_new_revisions_keep_their_order(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "a_orders", "a1", "0001")
    write(project, "0004_first", "0002", "0001")
    write(project, "0003_second", "0003", "0002")
    write(project, "0002_third", "0004", "0003")
    append_to_head(project, "shop", [path("0003_second"), path("0002_third"), path("0004_first")])
    assert [revision for revision, _ in line(project)] == ["0001", "a1", "0002", "0003", "0004"]


def test_a_project_without_own_revisions_gets_those_of_the_template_unchanged(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    items = write(project, "0002_items", "0002", "0001")
    before = items.read_bytes()
    assert append_to_head(project, "shop", [path("0002_items")]) == ()
    assert items.read_bytes() == before


def test_appending_again_changes_nothing(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "a_orders", "a1", "0001")
    write(project, "0002_items", "0002", "0001")
    assert append_to_head(project, "shop", [path("0002_items")])
    assert append_to_head(project, "shop", [path("0002_items")]) == ()


def test_a_new_revision_gets_another_id_if_the_project_uses_its_id(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "0002_orders", "0002", "0001")
    write(project, "0002_items", "0002", "0001")
    write(project, "0003_tags", "0003", "0002")
    first, second = append_to_head(project, "shop", [path("0002_items"), path("0003_tags")])
    assert line(project) == [
        ("0001", ()),
        ("0002", ("0001",)),
        (first.revision, ("0002",)),
        ("0003", (first.revision,)),
    ]
    assert "the project has a 0002 of its own" in first.note
    assert (second.revision, second.after) == ("0003", first.revision)


def test_only_the_literals_change(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "a_orders", "a1", "0001")
    file = project / path("0002_items")
    source = (
        '\ufeff"""Größe: `down_revision = "0001"`."""\r\n\r\n'
        "revision = '0002'  # ours\r\n"
        "ä = 1; down_revision = (\r\n    '0001'  # é\r\n)\r\n"
    )
    file.write_bytes(source.encode())
    append_to_head(project, "shop", [path("0002_items")])
    assert file.read_bytes().decode() == source.replace("    '0001'", '    "a1"')


def test_a_project_that_merged_branches_has_one_head(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "b_one", "b1", "0001")
    write(project, "b_two", "b2", "0001")
    merge = write(project, "b_merge", "b3", ("b1", "b2"))
    labels = merge.read_text().replace("branch_labels: str | Sequence[str] | None = None", 'branch_labels = ("x",)')
    merge.write_text(labels)
    write(project, "0002_items", "0002", "0001")
    (change,) = append_to_head(project, "shop", [path("0002_items")])
    assert change.after == "b3"
    assert merge.read_text() == labels


def test_two_heads_of_the_project_are_refused_with_a_hint(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "b_one", "b1", "0001")
    write(project, "b_two", "b2", "0001")
    items = write(project, "0002_items", "0002", "0001")
    before = items.read_bytes()
    with pytest.raises(ManyHeadsError, check=with_fields(heads=["b1", "b2"])) as refused:
        append_to_head(project, "shop", [path("0002_items")])
    assert "alembic merge heads" in refused.value.hint
    assert items.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('revision: str = "a1"', 'revision: str = "0001"', (SameRevisionError, {"file": "a_orders.py"})),
        ('None = "0001"', 'None = "9999"', (MissingRevisionError, {"file": "9999"})),
        ('None = "0001"', 'None = "a1"', (RevisionCircleError, {})),
        ('revision: str = "a1"', 'revision: str = "a" + input()', (UnreadableRevisionError, {"fault": "computed"})),
        ('revision: str = "a1"', "revision: str = str(1)", (UnreadableRevisionError, {"fault": "computed"})),
        ('revision: str = "a1"', "", (UnreadableRevisionError, {"fault": "revision"})),
        ('revision: str = "a1"', "revision: str = '\"; import os'", (UnreadableRevisionError, {"fault": "revision"})),
        ('None = "0001"', "None = 1", (UnreadableRevisionError, {"fault": "down_revision"})),
        ("def upgrade", "def def", (UnreadableRevisionError, {"fault": "syntax"})),
    ],
)
def test_revisions_without_a_clear_chain_are_refused(
    project: Path, write: Write, old: str, new: str, expected: tuple[type[RefusedError], dict[str, object]]
) -> None:
    write(project, "0001_initial", "0001", None)
    own = write(project, "a_orders", "a1", "0001")
    own.write_text(own.read_text().replace(old, new, 1))
    items = write(project, "0002_items", "0002", "0001")
    before = items.read_bytes()
    with pytest.raises(expected[0], check=with_fields(**expected[1])):
        append_to_head(project, "shop", [path("0002_items")])
    assert items.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('= "0001"', '= ("0001", "a1")'),
        ("branch_labels: str | Sequence[str] | None = None", 'branch_labels = ("items",)'),
        ("depends_on: str | Sequence[str] | None = None", 'depends_on = "0001"'),
    ],
)
def test_only_plain_revisions_of_a_template_are_appended(project: Path, write: Write, old: str, new: str) -> None:
    write(project, "0001_initial", "0001", None)
    write(project, "a_orders", "a1", "0001")
    items = write(project, "0002_items", "0002", "0001")
    items.write_text(items.read_text().replace(old, new, 1))
    with pytest.raises(IntricateRevisionError, check=with_fields(file="0002_items.py")):
        append_to_head(project, "shop", [path("0002_items")])


def test_a_path_without_a_revision_is_refused(project: Path, write: Write) -> None:
    write(project, "0001_initial", "0001", None)
    with pytest.raises(MissingRevisionError, check=with_fields(file=path("0009_gone"))):
        append_to_head(project, "shop", [path("0009_gone")])
