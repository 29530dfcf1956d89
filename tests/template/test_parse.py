"""Faults that the level `parse` finds, each alone among correct files."""

import sys
from pathlib import Path

import pytest

from copperplate.verify import LevelResult, Status, Target, run_levels
from testing.parse import PARSE

FILES = {
    ".copier-answers.yml": "description: Costs {{ 7 * 7 }}\n",
    ".editorconfig": "root = true\n\n[*]\ncharset = utf-8\n",
    ".env.example": "# a comment\n\nSECRET_KEY=\n",
    ".github/workflows/ci.yml": "name: ${{ github.ref }}\n",
    ".gitignore": ".env\n.venv/\n",
    ".venv/broken.toml": "not TOML, and no business of ours",
    "README.md": "Costs \\{\\{ 7 \\* 7 \\}\\}\n",
    "empty.py": "",
    "pyproject.toml": 'name = "shop"\n',
    "shop.py": "STATE = {**{'a': {'b': 1}}, 'c': {1: {2}}}\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        write(tmp_path / name, content)
    return tmp_path


def write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def parsed(project: Path) -> LevelResult:
    (result,) = run_levels(Target(project, "shop", "shop", tools=Path(sys.prefix)), [PARSE]).levels
    return result


def test_valid_files_pass(project: Path) -> None:
    result = parsed(project)
    assert (result.status, result.output) == (Status.PASSED, "9 files")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("compose.yaml", "a: [\n", "compose.yaml: while parsing"),
        ("compose.yaml", "a: 1\nb: 2\na: 3\n", "'a' is there twice"),
        ("compose.yaml", "a: !!python/object:os.system {}\n", "could not determine a constructor"),
        ("pyproject.toml", "name = shop\n", "pyproject.toml: Invalid value"),
        ("uv.lock", "version = 1\nversion = 2\n", "uv.lock: Cannot overwrite a value"),
        ("package.json", "{'a': 1}\n", "package.json: Expecting property name"),
        ("src/app.py", "def f(:\n", "src/app.py: invalid syntax"),
        ("src/app.py", 'PATTERN = "\\d"\n', "invalid escape sequence"),
        (".env.example", "export SECRET_KEY=x\n", "line 1 is no NAME=value"),
        (".editorconfig", "[*\n", ".editorconfig: "),
        ("README.md", b"\xff\n", "README.md: 'utf-8' codec"),
        ("README.md", "no newline", "README.md: does not end with a newline"),
        ("README.md", "one\r\ntwo\r\n", "README.md: holds a carriage return"),
        ("README.md", "{{ project_name }}\n", "a mark of the template: {{ project_name }}"),
        ("README.md", "{{project_name}}\n", "a mark of the template: {{project_name}}"),
        ("README.md", "Costs {{ 7 * 7 }} and {{ 8 * 8 }}\n", "a mark of the template: Costs"),
        ("src/app.py", "# <% if example %>\n", "a mark of the template: # <% if example %>"),
        ("compose.yaml", "a: '{% if x %}'\n", "a mark of the template: a: '{% if x %}'"),
        (".env", "SECRET_KEY=\n", ".env: git ignores it"),
    ],
)
def test_a_fault_is_found_and_its_file_is_named(project: Path, name: str, content: str | bytes, complaint: str) -> None:
    write(project / name, content)
    result = parsed(project)
    assert result.status is Status.FAILED
    assert complaint in result.output
    assert "files: 1" in result.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("src/shop/orders/letters/receipt.txt", "Subject: {{ number }}\n"),
        ("src/shop/orders/letters/receipt.html", "{% extends 'layout.html' %}\n"),
        ("src/shop/web/templates/page.html", "<p>{{ title }}</p>\n"),
        ("README.md", "Write:\n\n```jinja\nSubject: {{ number }}\n```\n"),
    ],
)
def test_templates_of_the_application_itself_have_marks(project: Path, name: str, content: str) -> None:
    write(project / name, content)
    assert parsed(project).status is Status.PASSED


def test_a_mark_beside_a_quoted_one_is_found(project: Path) -> None:
    write(project / "README.md", "```jinja\n{{ a }}\n```\n{{ b }}\n```jinja\n{{ c }}\n```\n")
    assert "a mark of the template: {{ b }}" in parsed(project).output


def test_a_broken_link_is_found(project: Path) -> None:
    (project / "gone").symlink_to("nowhere")
    assert "gone: [Errno 2]" in parsed(project).output


def test_answers_that_cannot_be_read_excuse_no_mark(project: Path) -> None:
    write(project / ".copier-answers.yml", "a: [\n")
    write(project / "README.md", "{{ 7 * 7 }}\n")
    assert "files: 2" in parsed(project).output
