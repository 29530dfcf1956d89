"""Lost lines: if a wrong merge would lose a line of the user's, the update stops."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from copperplate.errors import ExitCode
from copperplate.errors.updates import LostLineError
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Entry
from copperplate.update import merge
from copperplate.update.merge import Merged
from copperplate.update.result import State
from testing.errors import with_fields
from testing.snapshots import snapshot
from testing.worlds import World, numbered


@pytest.fixture
def shop(world: World) -> World:
    world.release("1.0", {"a.txt": numbered(9), "b.txt": numbered(9), "same.txt": "1\n"})
    world.release("2.0", {"a.txt": numbered(9, l7="theirs"), "b.txt": numbered(9), "same.txt": "2\n"})
    world.print("1.0")
    world.write("a.txt", numbered(9, l1="mine") + "mine too\n")
    world.write("own.txt", "mine alone\n")
    world.commit()
    return world


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the merge come to other contents of some files, or to none."""

    def spoil(**files: str | None) -> None:
        honest = merge.merge_trees

        def spoiled(scratch: Scratch, sides: merge.Sides, **given: bool) -> Merged:
            found = honest(scratch, sides, **given)
            edits = {
                path.replace("__", "."): None if text is None else Entry("100644", scratch.store(text.encode()))
                for path, text in files.items()
            }
            return replace(found, tree=scratch.edited(found.tree, edits))

        monkeypatch.setattr(merge, "merge_trees", spoiled)

    return spoil


@pytest.mark.parametrize(
    ("spoiled", "line"),
    [
        ({"a__txt": numbered(9, l7="theirs")}, "mine"),
        ({"a__txt": numbered(9, l1="mine", l7="theirs")}, "mine too"),
        ({"own__txt": ""}, "mine alone"),
    ],
    ids=["a changed line", "an added line", "a file of one's own"],
)
def test_an_update_that_would_lose_a_line_changes_nothing(
    shop: World, spoil: Callable[..., None], spoiled: dict[str, str], line: str
) -> None:
    spoil(**spoiled)
    before = snapshot(shop.top)
    with pytest.raises(LostLineError, check=with_fields(line=line)) as stopped:
        shop.update()
    assert stopped.value.exit_code == ExitCode.BROKEN
    assert snapshot(shop.top) == before
    assert shop.status() == ""


def test_a_file_that_a_merge_drops_is_a_conflict(shop: World, spoil: Callable[..., None]) -> None:
    spoil(own__txt=None, a__txt=None)
    result = shop.update()
    assert [(found.path, found.kind) for found in result.report.conflicts] == [
        ("a.txt", "modify/delete"),
        ("own.txt", "modify/delete"),
    ]
    assert shop.read("own.txt") == "mine alone\n"


def test_lines_of_the_template_may_be_removed(shop: World, spoil: Callable[..., None]) -> None:
    spoil(a__txt="mine\nmine too\n")
    assert shop.update().state is State.LANDED


def test_a_line_that_is_in_another_file_is_not_lost(shop: World, spoil: Callable[..., None]) -> None:
    spoil(own__txt="", new__txt="before\r\nmine alone\r\n")
    assert shop.update().state is State.LANDED
