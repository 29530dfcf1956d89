"""The lock of everything that a project may need."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from copperplate import lockfile, uv
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from copperplate.templates.render import render
from copperplate.templates.template import Template
from testing.superset import LOCK, NAME, superset


def test_the_lock_is_that_of_the_template_with_everything_on(
    real_template: Template, asked: Manifest, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    render(real_template.release, project, superset(asked).data(), source="x")
    (project / "uv.lock").write_bytes(LOCK.read_bytes())
    done = uv.run("lock", "--check", "--project", project, cwd=project)
    assert done.code == 0, f"run python -m scripts.lock_template: {done.stderr}"


def test_all_packages_come_from_the_index_of_our_own_dependencies() -> None:
    assert _sources(LOCK) == _sources(LOCK.with_name("uv.lock"))


def _sources(lock: Path) -> set[str | None]:
    """The index, and the hosts of its files."""
    packages = tomllib.loads(lock.read_text())["package"]
    hosts = {urlsplit(wheel["url"]).hostname for package in packages for wheel in package.get("wheels", ())}
    return hosts | {package["source"].get("registry") for package in packages} - {None}


@pytest.mark.parametrize("name", ["acme-shop", "a1", "zz-top", "pydantic-2"])
def test_a_project_at_the_floor_of_the_template_starts_with_a_lock_that_is_exact(
    name: str, real_template: Template, asked: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network, nothing cached: uv has to find the lock right as it is."""
    project = tmp_path / "project"
    answers = superset(asked).data() | {"distribution_name": name}
    render(real_template.release, project, answers, source="x")
    lock = lockfile.with_root_name(LOCK.read_text(), name)
    (project / "uv.lock").write_text(lock)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    uv.lock(project)
    assert (project / "uv.lock").read_text() == lock
    assert uv.run("lock", "--check", "--project", project, cwd=project).code == 0


def test_packages_are_in_the_order_in_which_uv_writes_them() -> None:
    lock = LOCK.read_text()
    assert lockfile.with_root_name(lock, NAME) == lock


@pytest.mark.parametrize("floor", ["3.12", "3.13"])
def test_a_project_keeps_the_versions_of_the_template(
    floor: str, real_template: Template, asked: Manifest, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    answers = Answers.from_data({"project_name": "Acme Shop", "python_version": floor, "example": False}, asked)
    render(real_template.release, project, answers.data(), source="x")
    if uv.find_python(floor, cwd=project) is None:
        pytest.skip(f"uv would have to download Python {floor}")
    (project / "uv.lock").write_bytes(LOCK.read_bytes())
    uv.lock(project)
    ours = {package["name"]: package.get("version") for package in tomllib.loads(LOCK.read_text())["package"]}
    theirs = tomllib.loads((project / "uv.lock").read_text())["package"]
    assert {p["name"]: p["version"] for p in theirs if p["name"] != "acme-shop"}.items() <= ours.items()
