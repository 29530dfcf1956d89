"""`new` writes only to its destination, to temporary files and to caches, and starts only git, uv and Python.

Checked in two ways: by strace, with all programs that it starts; and, on machines without it, by Python itself.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from copperplate import uv
from testing import ROOT
from testing.forkserver import Forks, Job
from tests.new import hostile

HOSTILE = "\"'$(touch ran)`touch ran`{{ 7 * 7 }}; touch ran"
GIVEN = [f"{name}={HOSTILE}" for name in ("project_name", "description", "author_name")]
DATA = [part for answer in ("distribution_name=acme-shop", *GIVEN) for part in ("--data", answer)]
# uv asks the loader which C library there is, and Python asks `uname` on behalf of uv.
PROGRAMS = re.compile(r"git(-[a-z-]+)?|uv|python[0-9.]*|ld-[a-z0-9_.-]+|uname")
# Calls that change a file system, and how many paths they change.
CHANGES = re.compile(
    r"(mkdir|mkdirat|rename|renameat2?|unlink|unlinkat|rmdir|link|linkat|symlink|symlinkat|chmod|fchmodat2?|chown|lchown"
    r"|fchownat|truncate|utimensat|mknod|mknodat|creat|setxattr|lsetxattr)\("
)
OPENED = re.compile(r"open(at)?\(.*O_(WRONLY|RDWR|CREAT|TRUNC)")
PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
LAST_PATH_ONLY = ("symlink", "link")


@pytest.fixture
def surroundings(place: Path) -> dict[str, str | None]:
    """Hostile git settings, and caches in other folders."""
    python = uv.find_python("3.12", cwd=ROOT) or Path(sys.executable)
    tools = [python.resolve().parent, Path(shutil.which("git") or "git").parent]
    return hostile.environment(place.parent / "hostile", place.parent / "ran") | {
        "TMPDIR": str(place.parent / "temporary"),
        "COPPERPLATE_CACHE_DIR": str(place.parent / "cache"),
        "UV_CACHE_DIR": str(place.parent / "uv-cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.pathsep.join(map(str, tools)),
    }


def assert_confined(changed: Iterable[str], place: Path) -> None:
    allowed = [str(place.parent / name) for name in ("place", "temporary", "cache", "uv-cache")]
    outside = [path for path in changed if not any(f"{path}/".startswith(f"{folder}/") for folder in allowed)]
    assert [path for path in outside if not path.startswith("/dev/")] == []
    assert not (place.parent / "ran").exists()
    assert not list(place.rglob("ran"))


def assert_only_known(programs: Iterable[str]) -> None:
    names = {Path(program).name for program in programs}
    assert "git" in names
    assert [name for name in names if not PROGRAMS.fullmatch(name)] == []


def test_python_sees_no_other_write_and_no_other_program(
    forks: Forks, place: Path, surroundings: dict[str, str | None]
) -> None:
    """With the released template, so that every rendered file is checked."""
    done = forks.run(Job(["new", "shop", "--no-install", "--defaults", *DATA], str(place), surroundings))
    assert done.code == 0, done.output
    assert len(done.writes) > 300
    assert_confined(done.writes, place)
    assert_only_known(program[0] for program in done.programs)


@pytest.mark.parametrize("install", [False, True])
def test_strace_sees_no_other_write_and_no_other_program(
    place: Path, surroundings: dict[str, str | None], small_template: Path, *, install: bool
) -> None:
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not installed, or may not trace here")
    environment = {name: value for name, value in (os.environ | surroundings).items() if value is not None}
    flags = ["--template", str(small_template)] if install else ["--no-install"]
    trace = [strace, "-ff", "-qq", "-y", "-z", "-s", "4096", "-e", "trace=%file,%process"]
    command = [
        *trace,
        "-o",
        str(place.parent / "trace"),
        sys.executable,
        "-c",
        "from copperplate.cli.main import main; main()",
    ]
    done = subprocess.run(
        [*command, "new", "shop", "--defaults", *flags, *DATA],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = [line for file in place.parent.glob("trace.*") for line in file.read_text().splitlines()]
    folders = [_path(call) for call in calls if call.startswith("chdir(")]
    changed = [path for call in calls if CHANGES.match(call) or OPENED.match(call) for path in _changed(call, folders)]
    assert len(changed) > 100
    assert_confined([*changed, *folders], place)
    started = [_path(call) for call in calls if call.startswith("execve(")][1:]
    assert_only_known(started)
    assert install is any(Path(program).name == "uv" for program in started)


def _path(call: str) -> str:
    found = PATH.search(call)
    assert found is not None, call
    return found[2]


def _changed(call: str, folders: list[str]) -> list[str]:
    """The absolute paths that a call changes. A relative path is below a current folder that was set before."""
    found = [(folder or next(iter(folders), "/"), name) for folder, name in PATH.findall(call)]
    if call.startswith(LAST_PATH_ONLY):
        found = found[-1:]
    if call.startswith("open"):
        found = found[:1]
    assert found, call
    return [os.path.normpath(Path(folder) / name) for folder, name in found]
