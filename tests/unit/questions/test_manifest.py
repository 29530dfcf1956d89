from pathlib import Path

import pytest

from copperplate.errors import BrokenError
from copperplate.errors.inputs import BadQuestionsError
from copperplate.questions import manifest
from copperplate.questions.manifest import Manifest
from testing.errors import with_fields


def _template(folder: Path, text: str) -> Path:
    (folder / "copier.yml").write_text(text)
    return folder


def test_core_questions_come_before_features(asked: Manifest) -> None:
    assert asked.questions[0].name == "project_name"
    assert [feature.question.name for feature in asked.features] == [
        "example",
        "container",
        "ci",
        "renovate",
        "observability",
        "jobs",
        "mail",
        "auth",
        "api_keys",
        "oidc",
        "tenancy",
    ]


def test_a_feature_lists_its_files(asked: Manifest) -> None:
    container = next(feature for feature in asked.features if feature.question.name == "container")
    assert {"Dockerfile", "compose.yaml"} <= set(container.files)


def test_a_derived_default_is_not_a_fixed_default(asked: Manifest) -> None:
    defaults = {question.name: question.default for question in asked.questions}
    assert defaults["package_name"] is None
    assert defaults["license"] == "MIT"
    assert defaults["author_name"] == ""


@pytest.mark.parametrize("setting", ["_tasks", "_migrations", "_jinja_extensions", "_external_data"])
def test_settings_that_run_code_are_detected(setting: str, tmp_path: Path) -> None:
    assert manifest.load(_template(tmp_path, f"{setting}: [x]\n")).runs_code == (setting,)


def test_settings_that_run_code_are_detected_in_an_included_file(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("_tasks: [id]\n")
    assert manifest.load(_template(tmp_path, "a: 1\n---\n!include more.yml\n".replace("a: 1", "a: x"))).runs_code


@pytest.mark.parametrize(
    "text",
    ["- a\n", "a: [\n", "!include /etc/*.yml\n", "a: !!python/object:os.system {}\n", "a: {type: yaml}\n", "\0"],
)
def test_a_template_with_unsupported_questions_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BrokenError):
        manifest.load(_template(tmp_path, text))


def test_a_folder_without_a_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenError):
        manifest.load(tmp_path)


def test_a_feature_lists_its_needs_and_its_conflicts(tmp_path: Path) -> None:
    text = "tasks: true\n_feature: {title: Tasks, adds: Tasks, needs: [redis], conflicts: [cron]}\n"
    (feature,) = manifest.load(_template(tmp_path, text)).features
    assert (feature.needs, feature.conflicts) == (("redis",), ("cron",))


def test_the_first_line_of_a_help_is_the_title_and_the_rest_explains_it(tmp_path: Path) -> None:
    text = (
        "a:\n  type: str\n  help: |-\n    Title\n    It is\n    for this.\nb:\n  type: str\n  help: Title alone\nc: x\n"
    )
    told = [(question.help, question.explanation) for question in manifest.load(_template(tmp_path, text)).core]
    assert told == [("Title", "It is for this."), ("Title alone", ""), ("c", "")]


def test_every_question_of_the_template_is_explained_on_one_line_of_a_terminal(asked: Manifest) -> None:
    for question in asked.questions:
        assert 0 < len(question.explanation) <= 76, question.name
        assert question.explanation.endswith("."), question.name
        assert len(question.help) <= 40, question.name


def test_a_fault_in_an_included_file_names_that_file_as_the_user_knows_it_and_the_line(tmp_path: Path) -> None:
    folder = _template(tmp_path, "a: {type: str}\n---\n!include 'features/*.yml'\n")
    (folder / "features").mkdir()
    (folder / "features" / "ci.yml").write_text("ci:\n  help: CI\n   type: str\n")
    file = "/home/ada/template/features/ci.yml"
    with pytest.raises(BadQuestionsError, check=with_fields(file=file, line=3)) as refused:
        manifest.load(folder, "/home/ada/template")
    assert str(tmp_path) not in str(refused.value)
