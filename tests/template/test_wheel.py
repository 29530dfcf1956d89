"""Wheel of the package, as users install it."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from copperplate import uv
from copperplate.questions.answers import Answers
from copperplate.system.disk import file_names
from copperplate.templates.template import released
from testing import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = uv.run("build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", folder, ROOT, cwd=folder)
    assert built.code == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_contains_only_the_code_and_the_history(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "copperplate/template_history.fi" in names
    assert "copperplate/py.typed" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"copperplate"}
    assert [n for n in names if not n.endswith((".py", ".fi", "py.typed", "/")) and ".dist-info/" not in n] == []


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    """The oldest Python that the package is for; where it is not there, the one of these tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return uv.find_python(project["requires-python"].removeprefix(">="), cwd=tmp_path) or Path(sys.executable)


def test_an_installed_wheel_prints_the_same_without_network(wheel: Path, oldest: Path, tmp_path: Path) -> None:
    assert uv.run("venv", "--quiet", "--python", oldest, "venv", cwd=tmp_path).code == 0
    assert uv.run("pip", "install", "--quiet", "--python", "venv", wheel, cwd=tmp_path).code == 0
    command = [str(tmp_path / "venv" / "bin" / "copperplate"), "new", "shop", "--defaults", "--no-install", "--no-git"]
    offline = {**os.environ, "UV_OFFLINE": "1", "PATH": os.devnull, "HTTPS_PROXY": "http://127.0.0.1:9"}
    subprocess.run(command, cwd=tmp_path, env=offline, check=True, capture_output=True)
    with released() as template:
        answers = Answers.from_data({"project_name": "Shop"}, template.manifest)
        template.render(tmp_path / "here", answers)
    installed = {name: (tmp_path / "shop" / name).read_bytes() for name in file_names(tmp_path / "shop")}
    del installed["uv.lock"]
    assert installed == {name: (tmp_path / "here" / name).read_bytes() for name in file_names(tmp_path / "here")}
