"""Other programs write while an update is applied or taken back: nothing of theirs is lost or goes silently."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from copperplate import durable
from copperplate.commands.update import abort
from copperplate.errors import RefusedError
from copperplate.updating.results import State
from tests.update.conftest import World, numbered, snapshot
from tests.update.crashing import At

STEP = int(os.environ.get("CRASH_STEP", "11"))
"""1 tries every single moment."""
MINE = "written by another program\n"

Write = Callable[[Path], None]


def append(path: Path) -> None:
    if path.is_file():
        with path.open("a") as file:
            file.write(MINE)


def replace(path: Path) -> None:
    draft = path.with_name("draft.tmp")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(MINE)
    draft.replace(path)


def write_anew(path: Path) -> None:
    """As an editor does that keeps the old file under another name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.unlink()
    path.write_text(MINE)


@pytest.fixture(params=["files are swapped", "files cannot be swapped"])
def shop(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    if request.param == "files cannot be swapped":  # as on some file systems and platforms
        monkeypatch.setattr(durable, "exchange", lambda *_: False)
    world.release("1.0", {"changed.txt": numbered(9), "gone.txt": numbered(9), "old/moved.txt": numbered(20)})
    world.release("2.0", {"changed.txt": numbered(9, l4="theirs"), "new/moved.txt": numbered(20), "added/n.txt": "1\n"})
    world.print("1.0")
    return world


@contextmanager
def at_write(number: int, action: Callable[[], object]) -> Iterator[At]:
    observer = At(number, action)
    with patch.object(durable, "observer", observer):
        yield observer


def moments(action: Callable[[], object], *, until: str | None = None) -> range:
    """Some of the writes that `action` makes, up to the first of the kind `until`."""
    verbs: list[str] = []
    with patch.object(durable, "observer", lambda verb, _: verbs.append(verb)):
        action()
    return range(1, (verbs.index(until) + 1 if until else len(verbs)) + 1, STEP)


def where(world: World) -> set[str]:
    """The files that hold what the other program wrote, git's own folder included."""
    return {str(path.relative_to(world.top)) for path in world.top.rglob("*") if path.is_file() and _has(path)}


def _has(path: Path) -> bool:
    return MINE.encode() in path.read_bytes()


@pytest.mark.parametrize("write", [append, replace, write_anew])
@pytest.mark.parametrize("name", ["changed.txt", "gone.txt", "added/n.txt", "new/moved.txt", "old/moved.txt"])
def test_a_file_that_is_written_at_any_moment_stays_and_is_seen(shop: World, write: Write, name: str) -> None:
    start, path = shop.git("rev-parse", "HEAD"), shop.project / name
    numbers = moments(shop.update)
    after = snapshot(shop.top)
    for number in numbers:
        shop.git("reset", "--quiet", "--hard", start)
        shop.git("clean", "--quiet", "-d", "--force")
        written = False

        def at_once() -> None:
            nonlocal written
            write(path)
            written = path.is_file() and _has(path)

        with at_write(number, at_once):
            refused = tried(shop.update)
        if not written:
            continue
        assert path.is_file(), (number, "the file is gone")
        assert _has(path), (number, where(shop))
        assert name in shop.git("status", "--porcelain", "--untracked-files=all"), (number, "git does not see it")
        if refused:
            assert name.partition("/")[0] in refused.what  # the file, or the folder that was made for it
            assert shop.git("rev-parse", "HEAD") == start
        else:
            others = {other: found for other, found in snapshot(shop.top).items() if not name.startswith(other)}
            assert others == {other: found for other, found in after.items() if not name.startswith(other)}
        assert not [*shop.top.glob(".copperplate-*"), *(shop.top / ".git").glob("*copperplate*")]


def test_a_program_that_has_a_file_open_may_write_into_it_until_the_commit_is_made(shop: World) -> None:
    start = shop.git("rev-parse", "HEAD")
    numbers = moments(shop.update, until="update-ref")
    for number in numbers:
        shop.git("reset", "--quiet", "--hard", start)
        with (shop.project / "gone.txt").open("a") as file:

            def at_once() -> None:
                file.write(MINE)
                file.flush()

            with at_write(number, at_once):
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
            assert {str((result.kept / "gone.txt").relative_to(shop.top))} == found
        else:
            assert found == {"gone.txt"}, number


@pytest.mark.parametrize("write", [append, replace, write_anew])
@pytest.mark.parametrize("name", ["changed.txt", "added/n.txt", "old/moved.txt", "new/moved.txt"])
def test_a_file_that_is_written_while_an_update_is_taken_back_is_kept(shop: World, write: Write, name: str) -> None:
    shop.write("changed.txt", numbered(9, l4="mine"))
    shop.commit()
    before, path = snapshot(shop.top), shop.project / name
    shop.update()
    numbers = moments(lambda: abort(shop.project))
    for number in numbers:
        assert shop.update().state is State.CONFLICTS
        written = False

        def at_once() -> None:
            nonlocal written
            write(path)
            written = path.is_file() and _has(path)

        with at_write(number, at_once):
            result = abort(shop.project)
        if not written:
            continue
        kept = {str((result.kept / name).relative_to(shop.top))} if result.kept else set()
        assert where(shop) == kept or where(shop) == {name}, number
        if name not in where(shop):
            assert snapshot(shop.top) == before
        shop.git("reset", "--quiet", "--hard")
        shop.git("clean", "--quiet", "-d", "--force")
        for path_ in (shop.top / ".git").glob("copperplate-kept*/**/*"):
            if path_.is_file():
                path_.unlink()


def test_a_commit_that_another_program_makes_meanwhile_stands(shop: World) -> None:
    start = shop.git("rev-parse", "HEAD")
    numbers = moments(shop.update)
    for number in numbers:
        shop.git("reset", "--quiet", "--hard", start)
        shop.git("clean", "--quiet", "-d", "--force")
        other = shop.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "other")
        with at_write(number, lambda: shop.git("update-ref", "HEAD", other)):  # noqa: B023 - called in this turn
            refused = tried(shop.update)
        assert shop.git("merge-base", other, "HEAD") == other, number
        assert refused is None or "another commit" in refused.what, refused
        if refused:
            assert shop.git("rev-parse", "HEAD") == other
            assert shop.status() == ""


def tried(action: Callable[[], object]) -> RefusedError | None:
    try:
        action()
    except RefusedError as refused:
        return refused
    return None
