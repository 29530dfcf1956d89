"""The template, rendered by this tool and by plain Copier."""

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
import yaml
from markdown_it import MarkdownIt
from pytest_copier.plugin import CopierFixture

from copperplate.errors import BrokenError, InputError
from copperplate.questions import validation
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from copperplate.system.disk import File, file_names
from copperplate.templates import bundled
from copperplate.templates.bundled import Release
from copperplate.templates.render import render
from copperplate.templates.template import Template
from testing import bad_input

SENTINEL = "Sentinel Text"
# The only files that hold what a user wrote freely, each read back below as its readers read it.
WITH_FREE_TEXT = {".copier-answers.yml", "LICENSE", "README.md", "pyproject.toml", "src/shop/metadata.py"}


def _render(template: Template, folder: Path, data: dict[str, object]) -> Path:
    answers = Answers.from_data({"distribution_name": "shop", **data}, template.manifest)
    render(replace(template.release, version="1.2.3"), folder, answers.data(), source=bundled.SOURCE)
    return folder


def _tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (folder / name for name in file_names(folder) if not name.startswith(".git/"))
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o111)
        for path in files
        if path.name != ".copier-answers.yml"
    }


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"example": False, "container": False, "ci": "none", "license": "proprietary"},
        {
            "ci": "gitlab",
            "adr_language": "nl",
            "python_version": "3.13",
            "author_name": "Ada",
            "license": "BSD-3-Clause",
        },
    ],
)
def test_plain_copier_renders_the_same(
    data: dict[str, object], copier: CopierFixture, real_template: Template, tmp_path: Path
) -> None:
    data = {"project_name": "Acme Shop", "distribution_name": "acme-shop", **data}
    theirs = copier.copy(tmp_path / "theirs", **data)
    ours = _render(real_template, tmp_path / "ours", data)
    assert _tree(ours) == _tree(theirs.path)
    recorded = yaml.safe_load((ours / ".copier-answers.yml").read_text())
    for name in ("_commit", "_src_path"):
        del recorded[name]
    assert recorded == {name: value for name, value in theirs.answers.items() if not name.startswith("_")}


def test_the_answers_file_names_the_version_and_no_path_of_this_machine(
    real_template: Template, tmp_path: Path
) -> None:
    project = _render(real_template, tmp_path / "project", {"project_name": "Shop"})
    recorded = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert recorded["_commit"] == "1.2.3"
    assert recorded["_src_path"] == "git+copperplate://template"
    assert str(tmp_path) not in (project / ".copier-answers.yml").read_text()


def test_free_text_is_only_in_files_that_a_test_reads_back(real_template: Template, tmp_path: Path) -> None:
    names = ("project_name", "description", "author_name")
    project = _render(real_template, tmp_path / "project", dict.fromkeys(names, SENTINEL))
    holding = {name for name in file_names(project) if SENTINEL.encode() in (project / name).read_bytes()}
    assert holding <= WITH_FREE_TEXT


@pytest.fixture(scope="module")
def free_text_template(real_template: Template) -> Template:
    """The real template, but only those files that hold free text, so that it renders in no time."""
    kept = {"{{ _copier_conf.answers_file }}", "LICENSE", "README.md", "pyproject.toml", "metadata.py"}
    files = {
        path: file
        for path, file in real_template.release.files.items()
        if not path.startswith("template/") or PurePosixPath(path).name.removesuffix(".jinja") in kept
    }
    return replace(real_template, release=Release("0", files))


def _assert_comes_back(project: Path, name: str, description: str, author: str) -> None:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert (answers["project_name"], answers["description"], answers["author_name"]) == (name, description, author)
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (metadata["description"], metadata["authors"]) == (description, [{"name": author}])
    module = ast.parse((project / "src" / "shop" / "metadata.py").read_text(encoding="utf-8"))
    titles = [node.value for node in module.body if isinstance(node, ast.Assign) and "TITLE" in ast.unparse(node)]
    assert ast.literal_eval(titles[0]) == name
    assert f"Copyright (c) {author}\n" in (project / "LICENSE").read_text(encoding="utf-8")
    heading, paragraph = _shown((project / "README.md").read_text(encoding="utf-8"))
    assert (heading, paragraph) == (name, description)


def _shown(markdown: str) -> list[str]:
    """The text that a reader sees of the first two blocks."""
    blocks = [token for token in MarkdownIt().parse(markdown) if token.type == "inline"][:2]
    assert all(child.type in {"text", "text_special"} for block in blocks for child in block.children or ())
    return ["".join(child.content for child in block.children or ()) for block in blocks]


@pytest.mark.parametrize("text", bad_input.TEXT)
def test_text_is_read_back_as_given(text: str, free_text_template: Template, tmp_path: Path) -> None:
    data = dict.fromkeys(("project_name", "description", "author_name"), text)
    project = _render(free_text_template, tmp_path / "project", {**data, "package_name": "shop"})
    _assert_comes_back(project, text, text, text)


@pytest.fixture(scope="module")
def bare_questions(real_template: Template) -> dict[str, File]:
    """The questions without any file to render."""
    return {
        path: file for path, file in real_template.release.files.items() if path.startswith(("copier.yml", "features/"))
    }


def test_copier_refuses_the_answers_that_copperplate_refuses(
    asked: Manifest, bare_questions: dict[str, File], tmp_path: Path
) -> None:
    """Copier's validators and ours agree, but for names that only a list as ours can know."""
    lenient = {"json", "fastapi", "yaml", "typing-extensions", "uv", "python3", "pip"}
    bad = {
        "package_name": bad_input.PACKAGES,
        "distribution_name": bad_input.DISTRIBUTIONS,
        "project_name": bad_input.REFUSED_TEXT,
        "author_name": bad_input.REFUSED_TEXT,
        "description": bad_input.REFUSED_TEXT,
        "author_email": bad_input.EMAILS,
    }
    good = {"project_name": "Acme", "distribution_name": "acme", "package_name": "acme"}
    accepted = []
    for question, values in bad.items():
        for value in values:
            with pytest.raises(InputError):
                Answers.from_data({**good, question: value}, asked)
            if value not in lenient and _accepts(bare_questions, tmp_path, {**good, question: value}):
                accepted.append((question, value))
    assert accepted == []


@pytest.mark.parametrize("text", bad_input.TEXT)
def test_copier_accepts_the_answers_that_copperplate_accepts(
    text: str, bare_questions: dict[str, File], tmp_path: Path
) -> None:
    data = dict.fromkeys(("project_name", "description", "author_name"), text)
    assert validation.text(text, longest=80) == text
    assert _accepts(bare_questions, tmp_path, {"distribution_name": "acme", "package_name": "acme", **data})


def _accepts(template: Mapping[str, File], folder: Path, data: dict[str, str]) -> bool:
    """True if Copier itself accepts these answers."""
    try:
        render(Release("0", template), folder / "project", data, source="x")
    except BrokenError:
        return False
    return True
