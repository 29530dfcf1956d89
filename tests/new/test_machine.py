"""Machines of every kind: no home, another umask, another locale, no network, and hostile git settings."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from copperplate.errors import ExitCode
from testing.cli import Ran
from testing.forkserver import Forks, Job
from testing.git import git
from tests.new import hostile
from tests.new.test_kills import assert_complete

Run = Callable[..., Ran]
NEW = [sys.executable, "-c", "from copperplate.cli.main import main; main()", "new", "--no-install"]
SOMEBODY = 54321
"""A user without an account on the machine, as in many containers."""


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o027, 0o077])
def test_files_get_the_modes_of_the_umask(umask: int, forks: Forks, job: Job, place: Path) -> None:
    assert forks.run(replace(job, umask=umask)).code == 0
    project = place / "shop"
    paths = [path for path in (project, *project.rglob("*")) if ".git/" not in f"{path}/"]
    modes = {str(path.relative_to(place)): path.stat().st_mode & 0o777 for path in paths}
    assert modes == {str(path.relative_to(place)): (0o777 if path.is_dir() else 0o666) & ~umask for path in paths}


def test_a_user_without_home_and_name_gets_a_project(forks: Forks, place: Path, small_template: Path) -> None:
    user = SOMEBODY if os.geteuid() == 0 else None
    temporary, template = place.parent / "temporary", place.parent / "template"
    shutil.copytree(small_template, template)
    if user:
        shared = Path(tempfile.gettempdir())
        for folder in (place.parent, *place.parent.parents):
            if folder != shared and folder.is_relative_to(shared):
                folder.chmod(folder.stat().st_mode | 0o111)
        for path in (place, temporary, template, *template.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY)
    unset = dict.fromkeys(("HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "COPPERPLATE_CACHE_DIR"))
    environment = {**unset, "TMPDIR": str(temporary)}
    arguments = ["new", "shop", "--no-install", "--template", str(template)]
    done = forks.run(Job(arguments, str(place), environment, user=user))
    assert done.code == 0, done.output
    assert [entry.name for entry in place.iterdir()] == ["shop"]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "nowhere.ISO-8859-1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_any_locale_and_any_path_work(environment: dict[str, str], small_template: Path, tmp_path: Path) -> None:
    place = tmp_path / "mit Leerzeichen und Ümläuten 東京 '\""
    place.mkdir()
    given = {"project_name": "Café 東京", "distribution_name": "cafe", "author_name": "Ünï"}
    (tmp_path / "answers.yml").write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    command = [*NEW, "shop", "--template", str(small_template), "--answers", str(tmp_path / "answers.yml")]
    done = subprocess.run(command, cwd=place, env=os.environ | environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_complete(place / "shop")
    recorded = yaml.safe_load((place / "shop" / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert recorded.items() >= given.items()


def test_a_path_that_is_not_utf_8_is_refused(small_template: Path, tmp_path: Path) -> None:
    """The servers and the virtual environment of a project do not work there."""
    place = os.fsencode(tmp_path) + b"/\xff\xfe"
    command = [*NEW, os.fsdecode(place), "--template", str(small_template), "--data", "project_name=Acme Shop"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    assert b"bytes that are not UTF-8\n  hint: name another folder" in done.stderr
    assert not os.path.lexists(place)


@pytest.mark.parametrize(
    "environment",
    [{"UV_OFFLINE": "1"}, {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}],
)
def test_without_network_two_lines_say_so_and_nothing_is_left(
    environment: dict[str, str], place: Path, forks: Forks, needy_template: Path
) -> None:
    temporary = place.parent / "temporary"
    variables = {**environment, "UV_CACHE_DIR": str(place.parent / "uv-cache"), "TMPDIR": str(temporary)}
    arguments = ["new", "shop", "--template", str(needy_template)]
    done = forks.run(Job(arguments, str(place), variables))
    assert done.code == ExitCode.BROKEN, done.output
    assert len(done.complaint) == 2
    assert "--no-install" in done.complaint[1]
    assert list(place.iterdir()) == []
    assert list(temporary.iterdir()) == []
    assert forks.run(Job([*arguments, "--no-install"], str(place), variables)).code == 0


def test_hostile_git_settings_run_no_program(forks: Forks, job: Job, place: Path) -> None:
    ran = place.parent / "ran"
    environment = hostile.environment(place.parent / "hostile", ran)
    done = forks.run(replace(job, environment={**job.environment, **environment}))
    assert done.code == 0, done.output
    assert not ran.exists()
    assert_complete(place / "shop")


def test_a_hostile_repository_runs_no_program(forks: Forks, job: Job, place: Path) -> None:
    """One without a commit, as `new .` takes it."""
    ran = place.parent / "ran"
    repository = place / "shop" / ".git"
    git("init", "--quiet", "--template=", place / "shop", cwd=place)
    own = (repository / "config").read_text()
    hostile.hooks(repository / "hooks", ran)
    hostile.settings(repository / "config", ran, template=repository)
    with (repository / "config").open("a") as file:
        file.write(own)
        file.write(f'[filter "a=b"]\n\tclean = touch {ran}\n\trequired = true\n')
    (repository / "info").mkdir(exist_ok=True)
    (repository / "info" / "attributes").write_text("* filter=evil diff=evil\nREADME.md filter=a=b\n")
    done = forks.run(job)
    assert done.code == 0, done.output
    assert not ran.exists()
    (repository / "info" / "attributes").unlink()
    (repository / "config").write_text(own)
    assert_complete(place / "shop")
