"""A world for each test, with its own git settings and temporary files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from testing.worlds import World


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's git settings and temporary files, away from those of the machine."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    file = tmp_path / "gitconfig"
    file.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return file


@pytest.fixture
def settings(_settings: Path) -> Path:
    return _settings


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    def make(place: str = "") -> World:
        top = tmp_path / "repository"
        top.mkdir()
        made = World(top, top / place)
        made.git("init", "--quiet")
        return made

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
