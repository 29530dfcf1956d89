"""A disk that is full or forbidden ends an update with exit code 3, words that say so, and every file as it was."""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from copperplate.cli import main
from copperplate.commands.update import abort
from copperplate.errors import ExitCode
from copperplate.templates import bundled
from testing.snapshots import snapshot
from testing.worlds import World, numbered

SIZE = 4_000_000
ROOM = [0, 8_000, 40_000, 150_000, 300_000, 400_000, 600_000, 900_000, 1_200_000]
"""Bytes that are left on the disk: it is full at the first write, in the middle, in a git, or not at all."""


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    big = {f"big{number}.bin": os.urandom(30_000).hex() + "\n" for number in range(4)}
    world.release("1.0", {"a.txt": numbered(9), "dir/d.txt": numbered(9), "gone/g.txt": "1\n", **big})
    changed = {name: f"{content}more\n" for name, content in big.items()}
    world.release("2.0", {"a.txt": numbered(9, l4="theirs"), "dir/d.txt": numbered(9, l4="theirs"), **changed})
    world.print("1.0")
    monkeypatch.setattr(bundled, "released", lambda: world.versions)
    return world


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("to mount a small disk needs the right to do so")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607


def without_rights() -> None:
    """Let permissions hold for root too, and for the programs that it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    no_root = 1
    assert os.geteuid() != 0 or libc.prctl(28, no_root, 0, 0, 0) == 0
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capset(header, none) == 0


def in_a_child(prepare: Callable[[], None], arguments: list[str], said: Path) -> tuple[int, list[str]]:
    """The exit code of a command, and what it has told on standard error but for its steps."""
    child = os.fork()
    if child == 0:
        descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        prepare()
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = sys.stderr = os.fdopen(2, "w")
        code = main.run(arguments)
        sys.stderr.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, [line for line in said.read_text().splitlines() if line[:1] not in {"✓", "✗"}]


UPDATE = ["update", "--no-verify", "--no-lock", "--project"]


@pytest.fixture(params=["temporary files elsewhere", "temporary files on it too"])
def full_disk(request: pytest.FixtureRequest, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "temporary files on it too":
        (small_disk / "tmp").mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(small_disk / "tmp"))
    return small_disk


@pytest.mark.parametrize("conflicts", [False, True])
def test_a_disk_that_is_full_at_any_moment_leaves_the_project_as_it_was(
    shop: World, full_disk: Path, tmp_path: Path, *, conflicts: bool
) -> None:
    if conflicts:
        shop.write("a.txt", numbered(9, l4="ours"))
        shop.commit()
    shutil.copytree(shop.top, full_disk / "p")
    before = snapshot(full_disk / "p")
    codes = set()
    for room in ROOM:
        filler = full_disk / "filler"
        with filler.open("wb") as file:
            file.write(b"\0" * max(0, shutil.disk_usage(full_disk).free - room))
        code, said = in_a_child(lambda: None, [*UPDATE, str(full_disk / "p")], tmp_path / "said")
        filler.unlink()
        codes.add(code)
        if code == ExitCode.REFUSED:
            assert "the disk is full" in said[0] or "temporary files cannot be written: No space" in said[0], said
            assert said[1].startswith("  hint: make room"), said
        else:
            assert code == (ExitCode.CONFLICTS if conflicts else ExitCode.DONE), said
            break
        assert snapshot(full_disk / "p") == before, room
        git = full_disk / "p" / ".git"
        assert not (git / "copperplate").exists(), said
        assert not (git / "index.lock").exists(), said
    assert codes == {ExitCode.REFUSED, ExitCode.CONFLICTS if conflicts else ExitCode.DONE}


@pytest.mark.parametrize("limit", [1_000, 20_000, 59_000, 70_000, 150_000])
def test_a_file_size_limit_is_reported_also_if_it_ends_git(shop: World, tmp_path: Path, limit: int) -> None:
    before = snapshot(shop.top)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    code, said = in_a_child(limited, [*UPDATE, str(shop.project)], tmp_path / "said")
    assert code == ExitCode.REFUSED, said
    assert snapshot(shop.top) == before
    assert not (shop.top / ".git" / "copperplate").exists()


FORBIDDEN = ["dir", "dir/d.txt", "a.txt", ".git/index", ".git/objects", ".git", ".", ".git/HEAD", ".copier-answers.yml"]


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o555])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_file_without_permission_is_named(shop: World, tmp_path: Path, name: str, mode: int) -> None:
    before = snapshot(shop.top)
    place = shop.top / name
    was = place.stat().st_mode
    place.chmod(mode)
    code, said = in_a_child(without_rights, [*UPDATE, str(shop.project)], tmp_path / "said")
    place.chmod(was if code == ExitCode.REFUSED or place.stat().st_mode & 0o777 == mode else place.stat().st_mode)
    if code == ExitCode.REFUSED:
        errors = [line for line in said if line.startswith(("error: ", "  hint: "))]
        assert len(errors) == 2, said
        assert "make room" not in errors[1]
        assert "copperplate-run-" not in errors[0]
        assert snapshot(shop.top) == before
        assert shop.status() == ""
    else:
        assert code == ExitCode.DONE, said
        assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"


def test_a_read_only_index_is_replaced_as_by_git(shop: World, tmp_path: Path) -> None:
    (shop.top / ".git" / "index").chmod(0o444)
    code, said = in_a_child(without_rights, [*UPDATE, str(shop.project)], tmp_path / "said")
    assert code == ExitCode.DONE, said
    assert shop.status() == ""


def test_abort_works_on_a_full_disk(shop: World, small_disk: Path) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    moved = World(small_disk / "p", small_disk / "p", shop.versions)
    shutil.copytree(shop.top, moved.top)
    before = snapshot(moved.top)
    moved.update()
    (small_disk / "filler").write_bytes(b"\0" * (shutil.disk_usage(small_disk).free - 4096))
    abort(moved.project)
    assert snapshot(moved.top) == before
    assert moved.status() == ""
