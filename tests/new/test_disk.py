"""Disks that are full or read-only: an error of two lines, and nothing is left."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from testing.cli import Ran
from testing.forkserver import Forks, Job

Run = Callable[..., Ran]
NOBODY = 65534
STEP_KIB = 12


def test_a_disk_that_becomes_full_at_any_write_leaves_nothing(forks: Forks, job: Job, place: Path) -> None:
    full = forks.run(job)
    shutil.rmtree(place / "shop")
    failed = 0
    for write in range(1, len(full.writes) + 1):
        done = forks.run(replace(job, full_at=write))
        if done.code == 0:  # only removals were left
            assert len(done.writes) == len(full.writes)
            shutil.rmtree(place / "shop")
        else:
            failed += 1
            assert done.code in {ExitCode.REFUSED, ExitCode.BROKEN}, done.output
            assert any(words in done.complaint[0] for words in ("No space left", "temporary files cannot be written"))
            assert len(done.complaint) == 2
        assert list(place.iterdir()) == []
        assert list((place.parent / "temporary").iterdir()) == []
    assert failed > 30


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A separate file system, which only root can mount."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount or os.geteuid() != 0:
        pytest.skip("only root can mount")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=4k", "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", folder], check=True)  # noqa: S607


def _remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)  # noqa: S607


def test_a_disk_of_any_size_gets_a_complete_project_or_nothing(forks: Forks, job: Job, disk: Path) -> None:
    """Here, writes of git and of temporary files fail too."""
    (disk / "temporary").mkdir()
    job = replace(job, folder=str(disk), environment={"TMPDIR": str(disk / "temporary")})
    codes = []
    for kib in range(4, 1024, STEP_KIB):
        _remount(disk, f"size={kib}k")
        done = forks.run(job)
        codes.append(done.code)
        if done.code == 0:
            break
        assert done.code in {ExitCode.REFUSED, ExitCode.BROKEN}, done.output
        assert len(done.complaint) == 2, done.output
        assert [entry.name for entry in disk.iterdir()] == ["temporary"]
        assert list((disk / "temporary").iterdir()) == []
    assert codes[-1] == 0
    assert len(codes) > 5


def test_a_read_only_disk_is_refused(disk: Path, copperplate: Run, small_template: Path) -> None:
    _remount(disk, "ro")
    ran = copperplate("new", disk / "shop", "--no-install", "--template", small_template)
    assert ran.code == ExitCode.REFUSED
    assert "Read-only file system" in ran.complaint[0]
    assert len(ran.complaint) == 2


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_of_another_user_is_refused(forks: Forks, small_template: Path, *, exists: bool) -> None:
    """Run as an ordinary user, because root may do everything."""
    with tempfile.TemporaryDirectory() as parent:  # for below pytest's own folder, others may not look
        template, place = Path(parent) / "template", Path(parent) / "place"
        shutil.copytree(small_template, template)
        place.mkdir()
        if exists:
            (place / "shop").mkdir()
        for folder, _, _ in os.walk(parent):
            Path(folder).chmod(0o555)
        arguments = ["new", str(place / "shop"), "--no-install", "--template", str(template)]
        done = forks.run(Job(arguments, "/", user=NOBODY if os.geteuid() == 0 else None))
        for folder, _, _ in os.walk(parent):
            Path(folder).chmod(0o755)
        assert done.code == ExitCode.REFUSED, done.output
        assert "Permission denied" in done.complaint[0]
        assert len(done.complaint) == 2
        assert list(place.rglob("*")) == ([place / "shop"] if exists else [])
