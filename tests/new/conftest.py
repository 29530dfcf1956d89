"""A small template, and a folder for many projects."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.forkserver import Forks, Job


@pytest.fixture(scope="session")
def forks(small_template: Path) -> Iterator[Forks]:
    forks = Forks("--no-install", "--template", small_template)
    yield forks
    forks.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder for projects; temporary files are beside it."""
    (tmp_path / "temporary").mkdir()
    place = tmp_path / "place"
    place.mkdir()
    return place


@pytest.fixture
def job(place: Path, small_template: Path) -> Job:
    arguments = ["new", "shop", "--no-install", "--template", str(small_template)]
    return Job(arguments, str(place), {"TMPDIR": str(place.parent / "temporary")})


@pytest.fixture
def needy_template(small_template: Path, tmp_path: Path) -> Path:
    """A template whose projects need a package of the index."""
    template = tmp_path / "needy"
    shutil.copytree(small_template, template)
    with (template / "template" / "pyproject.toml.jinja").open("a") as file:
        file.write('dependencies = ["idna"]\n')
    return template
