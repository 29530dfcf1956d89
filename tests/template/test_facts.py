"""Facts about the files of the template."""

import re
from pathlib import Path, PurePosixPath

import pytest

from copperplate.questions.manifest import Manifest, Value
from copperplate.system.disk import file_names
from copperplate.templates import bundled, location
from copperplate.templates.render import render
from copperplate.templates.template import Template
from testing import ROOT, template_tests
from testing.git import git
from testing.parse import TOOLS_OWN
from testing.superset import superset

FILES = [
    *(name for name in location.template_files(ROOT) if name.startswith("template/")),
    *(
        path.relative_to(ROOT).as_posix()
        for path in template_tests.FOLDER.rglob("*")
        if path.suffix in {".py", ".jinja"}
    ),
]

OF_A_FEATURE = {f"{name}.py" for name in ("router", "service", "repository", "models", "schemas", "errors", "feature")}
"""Modules that a project may have only once it has a feature of its own."""


@pytest.fixture(scope="module")
def everything(real_template: Template, asked: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with every feature on."""
    project = tmp_path_factory.mktemp("everything") / "project"
    answers = superset(asked).data()
    render(real_template.release, project, answers, source=bundled.SOURCE)
    return project


def test_rendering_runs_no_code(asked: Manifest) -> None:
    assert asked.runs_code == ()


def test_a_file_is_a_jinja_template_only_where_something_is_rendered() -> None:
    needless = [
        name for name in FILES if name.endswith(".jinja") and not re.search("{{|# <%", (ROOT / name).read_text())
    ]
    assert needless == []


def test_a_copied_file_contains_no_template_mark() -> None:
    marked = [name for name in FILES if not name.endswith(".jinja") and b"# <%" in (ROOT / name).read_bytes()]
    assert marked == []


def test_every_file_of_a_feature_exists_and_is_removed_with_it(
    asked: Manifest, everything: Path, real_template: Template, tmp_path: Path
) -> None:
    choices = {feature.question.name: list(feature.question.choices.values()) for feature in asked.features}
    most = max(len(values) for values in choices.values()) - 1  # without `none`, the last one
    chosen: list[dict[str, Value]] = [
        {name: values[number % len(values)] for name, values in choices.items() if values} for number in range(most)
    ]
    without_logins: dict[str, Value] = {"oidc": False, "tenancy": "none"}
    chosen = [change | without_logins if change["auth"] == "external" else change for change in chosen]
    nothing: dict[str, Value] = {name: "none" if values else False for name, values in choices.items()}
    names = set(file_names(everything))
    render(real_template.release, tmp_path / "nothing", superset(asked).data() | nothing, source="x")
    for number, change in enumerate(chosen):
        folder = tmp_path / str(number)
        render(real_template.release, folder, superset(asked).data() | change, source="x")
        names |= set(file_names(folder)) | template_tests.files_for(folder).keys()
    left = set(file_names(tmp_path / "nothing"))
    for pattern in (pattern for feature in asked.features for pattern in feature.files):
        assert any(_matches(name, pattern) for name in names), f"{pattern} is nowhere"
        assert not any(_matches(name, pattern) for name in left), f"{pattern} stays without its feature"


def test_the_way_to_log_in_changes_no_migration_and_no_table(
    real_template: Template, asked: Manifest, tmp_path: Path
) -> None:
    """So `copperplate set auth=jwt` needs nothing of the database, and neither does the way back."""
    found: list[dict[str, str]] = []
    for method in ("session", "jwt"):
        render(
            real_template.release,
            tmp_path / method,
            superset(asked).data() | {"auth": method},
            source="x",
        )
        files = (*(tmp_path / method).rglob("migrations/versions/*.py"), *(tmp_path / method).rglob("models.py"))
        found.append(
            {file.relative_to(tmp_path / method).as_posix(): file.read_text(encoding="utf-8") for file in files}
        )
    assert found[0] == found[1] != {}


def _matches(name: str, pattern: str) -> bool:
    path = PurePosixPath(name)
    return any(part.match(pattern) for part in (path, *path.parents))


def test_the_notes_for_coding_agents_are_short_and_name_existing_files(
    asked: Manifest, everything: Path, real_template: Template, tmp_path: Path
) -> None:
    nothing: dict[str, Value] = {
        feature.question.name: "none" if feature.question.choices else False for feature in asked.features
    }
    render(real_template.release, tmp_path / "nothing", superset(asked).data() | nothing, source="x")
    for project in (everything, tmp_path / "nothing"):
        text = (project / "AGENTS.md").read_text()
        assert text.count("\n") <= 40
        names = {PurePosixPath(name).name for name in file_names(project)} | OF_A_FEATURE
        assert {name for name in re.findall(r"[\w./-]+\.py", text) if PurePosixPath(name).name not in names} == set()
        assert ("copy `items`" in text) is (project == everything)
        assert "AGENTS.md" in (project / "CLAUDE.md").read_text()


def test_no_rendered_file_is_ignored_by_git(everything: Path) -> None:
    """Otherwise an update could overwrite it without a trace."""
    git("init", "--quiet", cwd=everything)
    assert git("ls-files", "--others", "--ignored", "--exclude-standard", cwd=everything) == ""


def test_caches_of_a_projects_tools_are_ignored_by_git_and_by_parse(everything: Path) -> None:
    """Else a project that has been worked on would fail, for what one of its own tools has written."""
    _, tools, *_ = (everything / ".gitignore").read_text().split("\n\n")
    folders = {line.strip("/") for line in tools.splitlines() if line.endswith("/")}
    assert folders - {".uv-cache"} == TOOLS_OWN - {".git"}  # that one is made by CI services alone


def test_no_secret_and_no_environment_file_is_rendered(everything: Path) -> None:
    assert ".env" not in file_names(everything)


def test_the_longest_and_the_shortest_name_are_accepted(
    real_template: Template, asked: Manifest, tmp_path: Path
) -> None:
    for package in ("a1", "a" * 40):
        data = superset(asked).data() | {"package_name": package}
        render(real_template.release, tmp_path / package, data, source="x")
        assert (tmp_path / package / "src" / package / "app.py").is_file()
