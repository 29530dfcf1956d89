import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from copperplate.system import folders, signals
from testing.signals import at_each_line

HOLD = """
import sys, time
from copperplate.system import folders
with folders.temporary() as folder:
    (folder / "a").write_text("a")
    print(folder, flush=True)
    {}
"""
WAIT = "time.sleep(600)"
WAIT_FOR_A_PROGRAM = """
    from pathlib import Path
    from copperplate.system import process
    process.run(["sh", "-c", "echo > started; while [ ! -e end ]; do sleep 0.01; done"], cwd=folder, environment={})
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_the_folder_is_gone_afterwards(tmp_path: Path) -> None:
    before = set(folders.held_locks)  # fixtures of other tests hold some
    with folders.temporary() as folder:
        (folder / "a").write_text("a")
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []
    assert folders.held_locks == before


@pytest.mark.parametrize(("module", "function"), [(tempfile, "mkdtemp"), (shutil, "rmtree")])
def test_a_signal_while_a_folder_is_made_or_removed_leaves_nothing(
    module: object, function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(module, function)

    def interrupted(*arguments: object, **options: object) -> object:
        signal.raise_signal(signal.SIGTERM)
        return original(*arguments, **options)

    monkeypatch.setattr(module, function, interrupted)
    with pytest.raises(signals.Interrupted), signals.as_exceptions(), folders.temporary() as folder:
        (folder / "a").write_text("a")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_the_temporary_folder_is_tested_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    original = os.open

    def interrupted(path: str, *arguments: int, **options: int) -> int:
        descriptor = original(path, *arguments, **options)
        signal.raise_signal(signal.SIGTERM)
        return descriptor

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(signals.Interrupted), signals.as_exceptions():
        folders.sweep()
    assert list(tmp_path.iterdir()) == []


def held(then: str) -> tuple[subprocess.Popen[str], Path]:
    """A run that has made its folder, and what it does then."""
    run = subprocess.Popen([sys.executable, "-c", HOLD.format(then)], stdout=subprocess.PIPE, text=True)
    assert run.stdout
    return run, Path(run.stdout.readline().strip())


def killed(run: subprocess.Popen[str]) -> None:
    run.kill()
    run.communicate()


def test_the_folder_of_a_killed_run_is_removed_by_the_next_run_and_not_earlier() -> None:
    run, folder = held(WAIT)
    try:
        folders.sweep()
        assert (folder / "a").exists()
    finally:
        killed(run)
    assert folder.exists()
    with folders.temporary():
        assert not folder.exists()


def test_the_folder_of_a_killed_run_stays_while_one_of_its_programs_runs() -> None:
    run, folder = held(WAIT_FOR_A_PROGRAM)
    while not (folder / "started").exists():
        time.sleep(0.01)
    killed(run)
    folders.sweep()
    assert (folder / "a").exists()
    (folder / "end").touch()
    while folder.exists():  # as soon as that program has ended
        folders.sweep()


def test_a_folder_that_the_user_keeps_stays() -> None:
    with folders.temporary() as folder:
        (folder / folders.KEPT).touch()
    folders.sweep()
    assert folder.exists()


def test_a_folder_that_is_removed_before_it_is_locked_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = folders.lock
    swept: list[Path] = []

    def too_late(folder: Path) -> int | None:
        if not swept:
            swept.append(folder)
            folders.sweep()
        return lock(folder)

    monkeypatch.setattr(folders, "lock", too_late)
    with folders.temporary() as folder:
        assert folder.exists()
        assert folder not in swept
    assert not swept[0].exists()


def test_no_other_folder_is_removed(tmp_path: Path) -> None:
    for name in (
        "copperplate-fork",
        "copperplate-tests",
        "other",
        "copperplate-run-of-mine",
        "copperplate-run-abcd1234",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / "copperplate-run-notes").write_text("a file\n")
    before = sorted(os.listdir(tmp_path))  # noqa: PTH208 - names, not paths
    folders.sweep()
    assert sorted(os.listdir(tmp_path)) == before  # noqa: PTH208 - as above


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.long), 7])
def test_a_signal_at_any_line_leaves_no_folder(every: int, tmp_path: Path) -> None:
    def use() -> None:
        with folders.temporary(tmp_path):
            pass

    interrupted = []
    for is_interrupted in at_each_line(use, every):
        interrupted.append(is_interrupted)
        assert list(tmp_path.iterdir()) == [], len(interrupted)
    assert interrupted.count(True) > 20
