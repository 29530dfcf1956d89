import sys
import venv
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.errors import NoPythonError, UvFailedError
from testing.errors import with_fields

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_uv_is_there_and_runs(tmp_path: Path) -> None:
    assert uv.run("--version", cwd=tmp_path).stdout.startswith("uv ")


def test_the_users_package_sources_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_CACHE_DIR", "UV_OFFLINE", "UV_PYTHON_INSTALL_DIR", "UV_INDEX_MINE_PASSWORD"):
        monkeypatch.setenv(name, "x")
        assert uv.environment()[name] == "x"


@pytest.mark.parametrize(
    "name", ["UV_PROJECT", "UV_PYTHON", "UV_FROZEN", "UV_EXCLUDE_NEWER", "VIRTUAL_ENV", "PYTHONPATH"]
)
def test_variables_that_change_the_project_are_removed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert name not in uv.environment()


def test_a_failure_is_reported_with_its_first_error(tmp_path: Path) -> None:
    with pytest.raises(UvFailedError, check=lambda error: error.verb == "lock" and "pyproject.toml" in error.complaint):
        uv.lock(tmp_path)


def test_without_another_python_the_one_that_runs_copperplate_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    found = uv.find_python(HERE, cwd=tmp_path)
    assert found is not None
    assert found.resolve().is_relative_to(Path(sys.base_prefix).resolve())
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "0"\nrequires-python = "=={HERE}.*"\n'
    )
    uv.lock(tmp_path)
    assert (tmp_path / "uv.lock").is_file()


def test_the_python_of_a_virtual_environment_is_not_used_for_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    monkeypatch.setenv("PATH", str(tmp_path / "env" / "bin"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    found = uv.find_python(HERE, cwd=tmp_path)
    assert found is not None
    assert not found.is_relative_to(tmp_path)


def test_a_project_without_a_python_names_the_version_and_where_the_others_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "0"\nrequires-python = ">=3.12"\n')
    with pytest.raises(NoPythonError, check=with_fields(needed="Python 3.99")) as raised:
        uv.lock(tmp_path, python="3.99")
    assert "copperplate doctor" in raised.value.hint


def test_a_missing_python_is_not_found(tmp_path: Path) -> None:
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
