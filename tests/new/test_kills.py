"""After any end of a run, the project is complete or absent. The next run removes the files of a killed run."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

import testing.git
from copperplate.git import query
from testing.forkserver import Done, Forks, Job

FILES = {".copier-answers.yml", ".git", ".gitignore", ".python-version", "README.md", "pyproject.toml"}
ENDING = (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ROUNDS = 6
"""Rounds of a test: as many tests, which the workers share. Each kills, or interrupts, as often as it says."""
KILLS, INTERRUPTS = 10, 11


def assert_complete(project: Path) -> None:
    assert {entry.name for entry in project.iterdir()} == FILES
    assert query.has_commits(project)
    assert testing.git.git("status", "--porcelain", cwd=project) == ""


def assert_the_next_run_succeeds(forks: Forks, job: Job) -> None:
    """Check the next run, when the files of the killed run are old enough to be removed."""
    place = Path(job.folder)
    for stage in place.glob(".shop.copperplate-*"):
        os.utime(stage, (0, 0))
    done = forks.run(Job(job.arguments, job.folder, job.environment))
    assert done.code == 0, done.output
    assert [entry.name for entry in place.iterdir()] == ["shop"]
    assert_complete(place / "shop")


def assert_all_or_abandoned(forks: Forks, job: Job) -> None:
    """Check that there is nothing, a complete project, or a stage that the next run removes."""
    place = Path(job.folder)
    project = place / "shop"
    assert all(entry == project or entry.name.startswith(".shop.copperplate-") for entry in place.iterdir())
    if project.exists():
        assert_complete(project)
    elif list(place.iterdir()):
        assert_the_next_run_succeeds(forks, job)


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 3])
def test_a_kill_at_any_write_leaves_all_or_nothing(step: int, forks: Forks, job: Job) -> None:
    writes = len(forks.run(job).writes)
    place = Path(job.folder)
    assert writes > 40
    for write in range(1, writes + 1, step):
        _emptied(place)
        done = _killed_at(write, forks, job)
        assert done.code == -signal.SIGKILL
        assert_all_or_abandoned(forks, job)


@pytest.mark.parametrize("in_repository", [False, True])
def test_after_a_kill_in_an_existing_folder_the_next_run_succeeds_or_says_what_to_do(
    forks: Forks, job: Job, *, in_repository: bool
) -> None:
    """The next run succeeds, or is refused with an error that says what to do. A repository is never lost."""
    place = Path(job.folder)
    _made(place / "shop", in_repository=in_repository)
    writes = forks.run(job).writes
    building = [number for number, path in enumerate(writes, 1) if str(place) in path]
    landing = next(
        number for number in building if Path(writes[number - 1]) in {place / "shop" / name for name in FILES}
    )
    refused = 0
    for write in (*building[:-1:8], *range(landing, building[-1] + 2)):
        _emptied(place)
        _made(place / "shop", in_repository=in_repository)
        _killed_at(write, forks, job)
        if in_repository:
            assert [config for config in place.rglob("config") if "mine.example" in config.read_text()]
        done = forks.run(job)
        if done.code == 0:
            assert_complete(place / "shop")
            continue
        assert len(done.complaint) == 2
        assert ".copperplate-new" in done.output or "uv sync" in done.output
        refused += not {entry.name for entry in (place / "shop").iterdir()} >= FILES
    moves = len(FILES) + 1
    assert refused <= moves  # that is, only while the files are moved to their places, one after the other


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_kill_at_any_moment_leaves_all_or_nothing(seed: int, forks: Forks, job: Job, seconds: float) -> None:
    draw = random.Random(seed)  # noqa: S311 - it only has to be the same every time
    for _ in range(KILLS):
        _emptied(Path(job.folder))
        _ended_by(signal.SIGKILL, draw.uniform(0, seconds), forks, job)
        assert_all_or_abandoned(forks, job)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_signal_at_any_moment_leaves_all_or_nothing(seed: int, forks: Forks, job: Job, seconds: float) -> None:
    draw = random.Random(seed)  # noqa: S311 - it only has to be the same every time
    place = Path(job.folder)
    for _ in range(INTERRUPTS):
        _emptied(place)
        number = draw.choice(ENDING)
        group = draw.random() < 0.5  # as Ctrl-C at a terminal, which git gets too
        done = _ended_by(number, draw.uniform(0, seconds), forks, job, group=group)
        assert done.code in {0, 128 + number, -number}, done.output
        assert "Traceback" not in done.output or done.code < 0
        exists = (place / "shop").exists()
        assert done.code < 0 or (done.code == 0) == exists, done.output
        if exists:
            assert_complete(place / "shop")
        assert {entry.name for entry in place.iterdir()} <= {"shop"}
        assert list((place.parent / "temporary").iterdir()) == []


def _killed_at(write: int, forks: Forks, job: Job) -> Done:
    return forks.run(Job(job.arguments, job.folder, job.environment, kill_at=write))


def _ended_by(number: int, seconds: float, forks: Forks, job: Job, *, group: bool = False) -> Done:
    process = forks.start(job)
    time.sleep(seconds)
    try:
        (os.killpg if group else os.kill)(process, number)
    except ProcessLookupError:
        assert not group or seconds  # it has ended already
    done = forks.wait()
    _wait_for_the_rest(process)
    return done


def _wait_for_the_rest(group: int) -> None:
    """Wait until the programs of a killed run have ended too."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.005)
    raise AssertionError("something is still running")


@pytest.fixture(scope="module")
def seconds(forks: Forks, small_template: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """The duration of an undisturbed run."""
    arguments = ["new", "shop", "--no-install", "--template", str(small_template)]
    start = time.monotonic()
    assert forks.run(Job(arguments, str(tmp_path_factory.mktemp("undisturbed")))).code == 0
    return time.monotonic() - start


def _made(folder: Path, *, in_repository: bool) -> None:
    folder.mkdir()
    if in_repository:
        testing.git.git("init", "--quiet", "--template=", cwd=folder)
        testing.git.git("remote", "add", "origin", "https://mine.example/shop", cwd=folder)


def _emptied(place: Path) -> None:
    """Remove all that is in `place`, and the temporary files that a killed run cannot remove."""
    subprocess.run(["rm", "-rf", place, place.parent / "temporary"], check=True)  # noqa: S607
    place.mkdir()
    (place.parent / "temporary").mkdir()
