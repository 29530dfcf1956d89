"""A small template, and a place to print it into, over and over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forks import Forks


@pytest.fixture(scope="session")
def forks(small_template: Path) -> Iterator[Forks]:
    forks = Forks("--no-install", "--template", small_template)
    yield forks
    forks.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder to print into; temporary files go beside it."""
    (tmp_path / "temporary").mkdir()
    place = tmp_path / "place"
    place.mkdir()
    return place
