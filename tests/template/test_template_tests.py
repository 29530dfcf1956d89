"""The template's own tests, as they lie there and as they are laid over projects."""

import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from copperplate.questions.manifest import Manifest, Value
from copperplate.system.disk import file_names
from copperplate.templates.bundled import SOURCE
from copperplate.templates.render import render
from copperplate.templates.template import Template
from testing import template_tests
from testing.superset import superset

MEASURED = {"__init__.py", "metadata.py", "app.py", "models.py", "project.py"}
"""Modules of the package itself that a project's own tests reach."""


@pytest.fixture(scope="module")
def choices(asked: Manifest) -> dict[str, dict[str, Value]]:
    """Answers with every option on, and with every option off."""
    off: dict[str, Value] = {
        feature.question.name: "none" if feature.question.choices else False for feature in asked.features
    }
    return {"everything": superset(asked).data(), "nothing": superset(asked).data() | off}


@pytest.fixture(scope="module", params=["everything", "nothing"])
def project(
    request: pytest.FixtureRequest,
    real_template: Template,
    choices: dict[str, dict[str, Value]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A project with every option on, or with every option off."""
    folder = tmp_path_factory.mktemp("project") / str(request.param)
    render(real_template.release, folder, choices[request.param], source=SOURCE)
    return folder


def test_no_template_test_replaces_a_file_and_each_is_removed_with_its_option(project: Path) -> None:
    before = set(file_names(project))
    laid = template_tests.files_for(project)
    assert not before & laid.keys()
    assert any(name.startswith("tests/observability/") for name in laid) is (project.name == "everything")
    template_tests.write(project, laid)
    assert set(file_names(project)) == before | laid.keys()
    with pytest.raises(FileExistsError):
        template_tests.write(project, laid)


def test_template_tests_use_the_package_name_of_the_project(project: Path) -> None:
    laid = template_tests.files_for(project)
    assert "from copperplate_superset.db.reader import" in laid["tests/db/test_reader.py"]
    assert not any("{{ package_name }}" in text or "# <%" in text for text in laid.values())


@pytest.mark.parametrize("package", ["a1", "extraordinarily_long_names_of_backends_x"])
@pytest.mark.parametrize("options", ["everything", "nothing"])
def test_all_code_is_formatted_with_the_shortest_and_the_longest_name(
    real_template: Template, choices: dict[str, dict[str, Value]], tmp_path: Path, package: str, options: str
) -> None:
    answers = choices[options] | {"package_name": package}
    render(real_template.release, tmp_path, answers, source=SOURCE)
    template_tests.write(tmp_path, template_tests.files_for(tmp_path))
    for command in (("check", "--no-fix", "."), ("format", "--check", ".")):
        subprocess.run([sys.executable, "-m", "ruff", *command], cwd=tmp_path, check=True)


def test_coverage_leaves_out_exactly_the_modules_of_the_template(project: Path) -> None:
    """A pattern that fits nothing, and a module without one, would be a name that has changed."""
    run = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["coverage"]["run"]
    modules = [name for name in file_names(project) if name.startswith("src/") and name.endswith(".py")]
    fitting = {pattern: [name for name in modules if PurePosixPath(name).match(pattern)] for pattern in run["omit"]}
    if project.name == "everything":
        assert [pattern for pattern, found in fitting.items() if not found] == []
    left_out = {name for found in fitting.values() for name in found}
    package = min((PurePosixPath(name).parts[1] for name in modules), key=len)  # beside it is `<package>_dev`
    own = [PurePosixPath(name) for name in modules if PurePosixPath(name).parent.name == package]
    assert {path.name for path in own if str(path) not in left_out} == MEASURED
