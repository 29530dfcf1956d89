"""The code of any resource is formatted, sorted, free of findings and as short as by hand."""

import ast
import itertools
import shutil
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from jinja2 import Environment, FileSystemLoader

from copperplate.migrations.layout import Layout
from copperplate.questions import manifest
from copperplate.resources import checks, definitions, grammar, rendering, specification
from copperplate.resources.rendering import Revision
from copperplate.resources.specification import Resource, Scope
from copperplate.system.disk import File
from copperplate.templates import location
from copperplate.templates.bundled import Release
from testing import ROOT

from .strategies import TARGETS, resources

LAYOUT = Layout(("src/shop/migrations/versions",))
MOST_LINES = 350
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def template() -> Release:
    return Release("1.0", {name: File(0o644, (ROOT / name).read_bytes()) for name in location.template_files(ROOT)})


@pytest.fixture(scope="module")
def engine() -> Environment:
    """Jinja as Copier sets it up, which itself would take a second for each resource."""
    language = manifest.settings(ROOT)["_envops"]
    extensions = ["jinja2_ansible_filters.AnsibleCoreFiltersExtension"]
    return Environment(  # noqa: S701 - it renders Python
        loader=FileSystemLoader(ROOT), extensions=extensions, keep_trailing_newline=True, **language
    )


def render(engine: Environment, resource: Resource, project: Path) -> list[Path]:
    """The Python files of the resource, in their places."""
    context: dict[str, object] = {
        "package_name": "shop",
        "resource": resource.data(),
        "revision": {"id": "abc", "parent": "0001", "file": f"2030_add_{resource.name}.py"},
    }
    context["_copier_conf"] = {"answers_file": definitions.path_of(resource.name)}
    found = []
    for file in sorted((ROOT / "resource/files").rglob("*")):
        path = engine.from_string(file.relative_to(ROOT / "resource/files").as_posix()).render(context)
        if path.removesuffix(".jinja").endswith(".py") and file.is_file():
            target = project / path.removesuffix(".jinja")
            target.parent.mkdir(parents=True, exist_ok=True)
            source = file.relative_to(ROOT).as_posix()
            target.write_text(engine.get_template(source).render(context) if file.suffix == ".jinja" else "")
            found.append(target)
    return found


def ruff(project: Path, *arguments: str) -> str:
    done = subprocess.run(["ruff", *arguments], cwd=project, capture_output=True, text=True, check=False)  # noqa: S607
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def settings_of_projects() -> str:
    """Settings of the printed `pyproject.toml` for Ruff, which need no answers."""
    text = (ROOT / "template/pyproject.toml.jinja").read_text()
    start, end = text.index("[tool.ruff]"), text.index("[tool.alembic]")
    assert tomllib.loads(text[start:end])["tool"]["ruff"]["line-length"] == 120
    return '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.12"\n' + text[start:end]


@settings(max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(resource=resources())
def test_the_code_of_any_resource_is_formatted_sorted_and_free_of_findings(
    engine: Environment, settings_of_projects: str, tmp_path: Path, resource: Resource
) -> None:
    project = tmp_path / str(next(NUMBERS))
    for package in ("src/shop", "src/shop/migrations", "src/shop/migrations/versions", "tests"):
        (project / package).mkdir(parents=True, exist_ok=True)
        (project / package / "__init__.py").touch()
    (project / "src/shop/resources.py").touch()  # by which Ruff knows where it is imported from
    (project / "pyproject.toml").write_text(settings_of_projects)
    written = resource.data()  # all that is needed to render it again
    try:
        for file in render(engine, resource, project):
            ast.parse(file.read_text())
        assert ruff(project, "format", "--no-cache", "--diff", ".") == "", written
        assert ruff(project, "check", "--no-cache", "--output-format=concise", ".") == "", written
    finally:
        shutil.rmtree(project)


def test_copier_renders_it_from_its_answers_file_alone(template: Release, tmp_path: Path) -> None:
    fields = [grammar.parse(field) for field in ("number:str:20:unique", "who:ref:customers", "when_due:date:null")]
    resource = checks.with_fields(checks.named("orders"), fields, TARGETS)
    (tmp_path / "inside").mkdir()
    revision = Revision("abc", "0001", "2030_add_orders.py")
    files = rendering.render_resource(
        template, resource, revision, source="x", package="shop", layout=LAYOUT, inside=tmp_path / "inside"
    )
    answers = files[definitions.path_of("orders")].content
    assert specification.from_data(yaml.safe_load(answers)["resource"]) == resource
    project, plain = tmp_path / "project", tmp_path / "template"
    (project / ".copperplate/resources").mkdir(parents=True)
    (project / definitions.path_of("orders")).write_bytes(answers)
    for name in location.template_files(ROOT):
        if not name.startswith("template/"):
            (plain / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, plain / name)
    from copier import Settings, run_copy  # noqa: PLC0415 - it takes half a second

    answers_file = definitions.path_of("orders")
    run_copy(
        str(plain), project, answers_file=answers_file, settings=Settings(), defaults=True, overwrite=True, quiet=True
    )
    again = {path.relative_to(project).as_posix(): path.read_bytes() for path in project.rglob("*") if path.is_file()}
    again.pop(answers_file)
    expected = {path: file.content for path, file in files.items() if "migrations" not in path and path != answers_file}
    assert again == expected


def test_a_test_of_a_resource_without_a_scope_removes_what_is_everybodys_as_an_administrator(
    engine: Environment, tmp_path: Path
) -> None:
    shared = {name: replace(target, scope=Scope.NONE) for name, target in TARGETS.items()}
    resource = checks.with_fields(checks.named("orders"), [grammar.parse("who:ref:customers")], shared)
    (tests,) = (file for file in render(engine, resource, tmp_path) if file.name == "test_router.py")
    assert 'removed = await admin_client.delete(f"/customers/{target}"' in tests.read_text()


@pytest.mark.parametrize("name", ["users", "jobs", "print_jobs", "mailings", "new_items"])
def test_no_option_of_the_template_takes_files_of_a_resource_away(template: Release, tmp_path: Path, name: str) -> None:
    files = {
        each: rendering.render_resource(
            template,
            checks.with_fields(checks.named(each), [grammar.parse("label:str")], {}),
            Revision("abc", "0001", f"2030_add_{each}.py"),
            source="x",
            package="shop",
            layout=LAYOUT,
            inside=tmp_path / each,
        )
        for each in ("orders", name)
    }
    assert {path.replace(name, "orders") for path in files[name]} == files["orders"].keys()


def test_six_fields_are_at_most_350_lines(engine: Environment, tmp_path: Path) -> None:
    texts = ["number:str:20:unique", "total:decimal:12/2:min=0:index", "status:enum:draft/paid:default=draft:index"]
    texts += ["note:text:null", "placed_at:datetime:index", "who:ref:customers"]
    resource = checks.with_fields(checks.named("orders"), [grammar.parse(text) for text in texts], TARGETS)
    files = [file for file in render(engine, resource, tmp_path) if file.parent == tmp_path / "src/shop/orders"]
    assert sum(len(file.read_text().splitlines()) for file in files) <= MOST_LINES
