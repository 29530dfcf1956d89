import shutil
from collections import Counter
from pathlib import Path

import jinja2
import pytest

from copperplate.errors import BrokenError
from copperplate.templates.render import render
from copperplate.templates.template import checkout


def rendered(template: Path, folder: Path) -> None:
    render(checkout(template), folder, {"project_name": "Shop"}, source="x")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Counter[object]:
    """Count how often Jinja has compiled each text."""
    seen, compiling = Counter[object](), jinja2.Environment.compile

    def compile_(environment: jinja2.Environment, source: str, *arguments: object, **options: object) -> object:
        seen[source] += 1
        return compiling(environment, source, *arguments, **options)  # type: ignore[call-overload] # as it came

    monkeypatch.setattr(jinja2.Environment, "compile", compile_)
    return seen


def test_each_text_is_compiled_once(small_template: Path, tmp_path: Path, compiled: Counter[object]) -> None:
    """By all renderings: two versions of a template have most of their texts in common."""
    for number in ("one", "two"):
        version = Path(shutil.copytree(small_template, tmp_path / "template" / number))
        (version / "template" / "new.txt.jinja").write_text("Of {{ project_name }} and of this test.")
        rendered(version, tmp_path / number)
        assert (tmp_path / number / "new.txt").read_text() == "Of Shop and of this test."
    texts = {text: count for text, count in compiled.items() if isinstance(text, str)}  # else, none is to be compiled
    assert texts["Of {{ project_name }} and of this test."] == 1
    # A name is also the text of the file by which it becomes known what that name is rendered to.
    assert {text for text, count in texts.items() if count > 1} <= {"", "{{ _copier_conf.answers_file }}"}


def test_jinja_is_restored_afterwards(small_template: Path, tmp_path: Path) -> None:
    before = jinja2.Environment.compile
    rendered(small_template, tmp_path / "shop")
    broken = Path(shutil.copytree(small_template, tmp_path / "template"))
    (broken / "template" / "broken.jinja").write_text("{{ 1 / 0 }}")
    with pytest.raises(BrokenError):
        rendered(broken, tmp_path / "broken")
    assert jinja2.Environment.compile is before
