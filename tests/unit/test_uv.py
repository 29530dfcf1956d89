from pathlib import Path

import pytest

from copperplate import uv
from copperplate.errors import BrokenError


def test_uv_is_there_and_runs(tmp_path: Path) -> None:
    assert uv.run("--version", cwd=tmp_path).stdout.startswith("uv ")


def test_where_packages_come_from_is_left_to_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_CACHE_DIR", "UV_OFFLINE", "UV_PYTHON_INSTALL_DIR", "UV_INDEX_MINE_PASSWORD"):
        monkeypatch.setenv(name, "x")
        assert uv.environment()[name] == "x"


@pytest.mark.parametrize(
    "name", ["UV_PROJECT", "UV_PYTHON", "UV_FROZEN", "UV_EXCLUDE_NEWER", "VIRTUAL_ENV", "PYTHONPATH"]
)
def test_what_would_change_the_project_is_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert name not in uv.environment()


def test_a_failure_is_told_with_its_first_error(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match=r"`uv lock` failed: No `pyproject.toml` found"):
        uv.lock(tmp_path)


def test_a_python_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert uv.find_python("/nowhere/python", cwd=tmp_path) is None


@pytest.mark.parametrize(
    ("members", "is_member"),
    [('["packages/*"]', True), ('["packages/shop"]', True), ('["other/*"]', False), ("[]", False)],
)
def test_a_member_of_a_workspace_is_recognised(members: str, is_member: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    (tmp_path / "pyproject.toml").write_text(f"[tool.uv.workspace]\nmembers = {members}\n")
    assert uv.workspace_of(tmp_path / "packages" / "shop") == (tmp_path if is_member else None)


def test_a_broken_pyproject_above_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[")
    assert uv.workspace_of(tmp_path / "shop") is None
