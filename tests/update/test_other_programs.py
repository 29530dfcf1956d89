"""Other programs that write into an open file while an update replaces or removes it."""

import os

import pytest

from copperplate.errors import RefusedError
from copperplate.system import disk
from testing.crashes.events import Event, watching
from testing.worlds import World, numbered
from tests.update.test_landing import At

STEP = int(os.environ.get("CRASH_STEP", "11"))
"""1 tries every single moment."""
MINE = "written by another program\n"


@pytest.fixture(params=["files are swapped", "files cannot be swapped"])
def shop(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    if request.param == "files cannot be swapped":  # as on some file systems and platforms
        monkeypatch.setattr(disk, "exchange", lambda *_: False)
    world.release("1.0", {"changed.txt": numbered(9), "gone.txt": numbered(9), "old/moved.txt": numbered(20)})
    world.release("2.0", {"changed.txt": numbered(9, l4="theirs"), "new/moved.txt": numbered(20), "added/n.txt": "1\n"})
    world.print("1.0")
    return world


def moments(world: World, *, until: str) -> range:
    """Some of the writes of an update, up to the first program with `until` in its command."""
    found: list[Event] = []
    with watching(found.append, world.top):
        world.update()
    last = next(number for number, event in enumerate(found, 1) if until in event.command)
    return range(1, last + 1, STEP)


def where(world: World) -> set[str]:
    """The files that hold what the other program wrote, git's own folder included."""
    files = (path for path in world.top.rglob("*") if path.is_file())
    return {str(path.relative_to(world.top)) for path in files if MINE.encode() in path.read_bytes()}


@pytest.mark.parametrize("name", ["changed.txt", "gone.txt", "old/moved.txt"])
def test_text_written_before_the_commit_is_in_the_project_or_saved(shop: World, name: str) -> None:
    start = shop.git("rev-parse", "HEAD")
    numbers = moments(shop, until="update-ref")
    for number in numbers:
        shop.git("reset", "--quiet", "--hard", start)
        with (shop.project / name).open("a") as file:

            def at_once() -> None:
                file.write(MINE)
                file.flush()

            with watching(At(number, at_once), shop.top):
                result = None
                refused = None
                try:
                    result = shop.update()
                except RefusedError as error:
                    refused = error
        found = where(shop)
        assert found, (number, "it is lost")
        if refused is None and result is not None:
            assert result.kept is not None
            assert {str((result.kept / name).relative_to(shop.top))} == found
        else:
            assert found == {name}, number
