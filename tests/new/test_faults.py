"""Failures of `new`: nothing is left at the destination, beside it, or in the temporary folder."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import testing.git
from copperplate import uv
from copperplate.errors import ExitCode
from copperplate.git import commits, query
from testing.cli import Ran

Run = Callable[..., Ran]
COMMAND = [sys.executable, "-c", "from copperplate.cli.main import main; main()"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for the project; temporary files are beside it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def assert_nothing_is_left(place: Path) -> None:
    assert list(place.iterdir()) == []
    assert [path for path in (place.parent / "temporary").iterdir() if "copperplate" in path.name] == []


def assert_complete(project: Path) -> None:
    """Check that all packages are installed and all files committed."""
    assert uv.run("sync", "--locked", "--check", "--project", project, cwd=project).code == 0
    assert query.has_commits(project)
    assert testing.git.git("status", "--porcelain", cwd=project) == ""


def _spawned(*arguments: str | Path, **options: object) -> subprocess.Popen[str]:
    command = [*COMMAND, "new", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]  # options of subprocess.Popen


@pytest.fixture
def unlockable(small_template: Path, tmp_path: Path) -> Path:
    """A template whose projects ask for a package that is nowhere."""
    template = tmp_path / "unlockable"
    shutil.copytree(small_template, template)
    with (template / "template" / "pyproject.toml.jinja").open("a") as file:
        file.write('dependencies = ["copperplate-has-no-such-dependency"]\n[tool.uv]\nno-index = true\n')
    return template


@pytest.fixture
def uninstallable(small_template: Path, tmp_path: Path) -> Path:
    """A template whose projects lock, but do not build."""
    template = tmp_path / "uninstallable"
    shutil.copytree(small_template, template)
    with (template / "template" / "pyproject.toml.jinja").open("a") as file:
        file.write('[build-system]\nrequires = []\nbuild-backend = "nowhere"\nbackend-path = ["."]\n')
    return template


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(("template", "step"), [("unlockable", "lock"), ("uninstallable", "sync")])
def test_a_failing_uv_leaves_nothing(  # noqa: PLR0913 - fixtures
    template: str,
    step: str,
    *,
    exists: bool,
    place: Path,
    copperplate: Run,
    request: pytest.FixtureRequest,
) -> None:
    if exists:
        (place / "shop").mkdir(mode=0o750)
    ran = copperplate("new", "shop", "--template", request.getfixturevalue(template))
    assert ran.code == ExitCode.BROKEN
    assert f"`uv {step}` failed" in ran.complaint[0]
    assert len(ran.complaint) == 2
    if exists:
        assert (place / "shop").stat().st_mode & 0o777 == 0o750
        (place / "shop").rmdir()
    assert_nothing_is_left(place)


def test_a_new_repository_is_restored_after_a_failure(place: Path, copperplate: Run, uninstallable: Path) -> None:
    commits.init(place)
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    ran = copperplate("new", ".", "--template", uninstallable)
    assert ran.code == ExitCode.BROKEN
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
    assert not query.has_commits(place)


def test_made_parents_are_removed_again(place: Path, copperplate: Run, unlockable: Path) -> None:
    assert copperplate("new", "a/b/shop", "--template", unlockable).code == ExitCode.BROKEN
    assert_nothing_is_left(place)


def test_a_template_that_cannot_be_rendered_leaves_nothing(
    place: Path, copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    template = tmp_path / "broken"
    shutil.copytree(small_template, template)
    (template / "template" / "z.txt.jinja").write_text("{{ 1 / 0 }} {{ nothing.there }}")
    ran = copperplate("new", "shop", "--template", template)
    assert ran.code == ExitCode.BROKEN
    assert "cannot be rendered" in ran.complaint[0]
    assert_nothing_is_left(place)


def test_missing_git_is_reported_before_anything_is_written(
    place: Path, copperplate: Run, small_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(place))
    assert copperplate("new", "shop", "--template", small_template).code == ExitCode.REFUSED
    assert_nothing_is_left(place)
    assert copperplate("new", "shop", "--no-git", "--no-install", "--template", small_template).code == 0


@pytest.mark.parametrize("size", [0, 100, 1000, 4000])
def test_a_full_disk_leaves_nothing(size: int, place: Path, small_template: Path, tmp_path: Path) -> None:
    """No file may grow beyond `size`: the writes fail one after the other, in each step."""
    template = tmp_path / "growing"
    shutil.copytree(small_template, template)
    (template / "template" / "large.txt").write_text("x" * 5000)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    process = _spawned("shop", "--template", template, "--no-install", preexec_fn=limit)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in {ExitCode.REFUSED, ExitCode.BROKEN}, stderr
    assert "Traceback" not in stderr
    assert_nothing_is_left(place)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB; only root can have one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount or not umount or os.geteuid() != 0:
        pytest.skip("only root can mount")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run([umount, disk], check=True)


def test_a_disk_that_is_really_full_leaves_nothing(
    small_disk: Path, copperplate: Run, small_template: Path, tmp_path: Path
) -> None:
    template = tmp_path / "growing"
    shutil.copytree(small_template, template)
    (template / "template" / "large.txt").write_text("x" * 100_000)
    ran = copperplate("new", small_disk / "shop", "--template", template, "--no-install")
    assert ran.code == ExitCode.REFUSED
    assert "No space left" in ran.complaint[0]
    assert list(small_disk.iterdir()) == []


# Seconds: while it starts, renders, locks, commits, installs. `robustness/test_kills.py` tries many more moments, of
# runs that have imported all they need.
@pytest.mark.parametrize(
    ("number", "delay"),
    [
        *((signal.SIGINT, delay) for delay in (0.3, 0.8, 1.2)),
        *((signal.SIGTERM, delay) for delay in (0.6, 1.0, 1.5)),
        (signal.SIGHUP, 1),
    ],
)
def test_a_signal_leaves_all_or_nothing(
    number: signal.Signals, delay: float, place: Path, small_template: Path
) -> None:
    process = _spawned("shop", "--template", small_template)
    time.sleep(delay)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in {0, 128 + number, -number}, stderr  # the last while Python itself starts or ends
    assert "Traceback" not in stderr or process.returncode < 0
    if process.returncode == 0 or (place / "shop").exists():  # all was done, at most its last words are missing
        assert_complete(place / "shop")
        shutil.rmtree(place / "shop")
    assert_nothing_is_left(place)


def test_the_next_run_removes_the_files_of_a_killed_run(place: Path, small_template: Path, copperplate: Run) -> None:
    process = _spawned("shop", "--template", small_template)
    while not list(place.glob(".shop.copperplate-*")):
        time.sleep(0.01)
    process.kill()
    process.communicate()
    (abandoned,) = place.glob(".shop.copperplate-*")
    os.utime(abandoned, (0, 0))
    assert copperplate("new", "shop", "--no-install", "--template", small_template).code == 0
    assert not abandoned.exists()


def test_of_two_runs_at_once_one_wins_and_the_other_is_refused(place: Path, small_template: Path) -> None:
    first, second = (_spawned("shop", "--no-install", "--template", small_template) for _ in range(2))
    codes = sorted(process.wait(60) for process in (first, second) if process.communicate())
    assert codes == [ExitCode.DONE, ExitCode.REFUSED]
    assert [path.name for path in place.iterdir()] == ["shop"]
    assert (place / "shop" / "pyproject.toml").exists()


def test_of_two_runs_into_an_empty_folder_one_wins(place: Path, small_template: Path) -> None:
    (place / "shop").mkdir()
    runs = [_spawned("shop", "--no-install", "--template", small_template) for _ in range(2)]
    codes = sorted(process.wait(60) for process in runs if process.communicate())
    assert codes == [ExitCode.DONE, ExitCode.REFUSED]
    assert not (place / "shop" / ".copperplate-new").exists()
    assert (place / "shop" / "pyproject.toml").exists()


def test_the_callers_environment_does_not_redirect_uv(
    place: Path, copperplate: Run, small_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY"):
        monkeypatch.setenv(name, str(elsewhere))
    monkeypatch.setenv("UV_FROZEN", "1")
    monkeypatch.setenv("PYTHONHOME", str(elsewhere))
    ran = copperplate("new", "shop", "--template", small_template)
    assert ran.code == 0, ran.stderr
    assert (place / "shop" / ".venv").is_dir()
    assert not elsewhere.exists()
