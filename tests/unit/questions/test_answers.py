from dataclasses import replace

import pytest

from copperplate.errors import BrokenError, ExitCode, InputError
from copperplate.errors.inputs import AnswerError, FeatureConflictError, NeedError, UnknownQuestionError
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest
from testing import bad_input
from testing.errors import with_fields


def test_one_answer_is_enough_for_all(asked: Manifest) -> None:
    answers = Answers.from_data({"project_name": "Acme Shop API"}, asked)
    assert answers.distribution_name == "acme-shop-api"
    assert answers.package_name == "acme_shop_api"
    assert answers.license == "MIT"
    assert answers.options["example"] is True


def test_a_name_that_is_given_is_not_derived(asked: Manifest) -> None:
    answers = Answers.from_data({"project_name": "東京", "distribution_name": "tokyo-shop"}, asked)
    assert (answers.distribution_name, answers.package_name) == ("tokyo-shop", "tokyo_shop")


def test_a_name_that_cannot_be_derived_must_be_given(asked: Manifest) -> None:
    fields = {"question": "distribution_name", "derived_from": "project_name", "value": ""}
    with pytest.raises(AnswerError, check=with_fields(**fields)) as refused:
        Answers.from_data({"project_name": "東京"}, asked)
    expected = "cannot derive distribution_name from project_name '東京': it has no letter a-z and no digit"
    assert refused.value.what == expected
    assert refused.value.hint == "choose it yourself: --data distribution_name=…"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"project_name": "Shop", "_copier_conf": {}},
        {"project_name": "Shop", "_src_path": "ext::sh -c id"},
        {"project_name": "Shop", "template_version": "0"},
        {"project_name": "Shop", "colour": "red"},
        {"project_name": 7},
        {"project_name": None},
        {"project_name": ["Shop"]},
        {"project_name": "Shop", "example": "yes"},
        {"project_name": "Shop", "example": 1},
        {"project_name": "Shop", "python_version": 3.13},
        {"project_name": "Shop", "python_version": "3.11"},
        {"project_name": "Shop", "license": "GPL-3.0"},
        {"project_name": "Shop", "ci": "jenkins"},
        {"project_name": "Shop", "description": ""},
    ],
)
def test_unknown_answers_and_wrong_types_are_refused(data: dict[str, object], asked: Manifest) -> None:
    with pytest.raises(InputError) as refused:
        Answers.from_data(data, asked)
    assert refused.value.exit_code == ExitCode.USAGE


def test_the_error_for_an_unknown_answer_lists_the_known_ones(asked: Manifest) -> None:
    with pytest.raises(UnknownQuestionError, check=with_fields(name="colour")) as refused:
        Answers.from_data({"project_name": "Shop", "colour": "red"}, asked)
    assert "project_name" in refused.value.hint
    assert "container" in refused.value.hint


def test_a_name_of_a_dependency_is_refused(asked: Manifest) -> None:
    for name in ("fastapi", "sqlalchemy", "pydantic-settings"):
        with pytest.raises(AnswerError, check=with_fields(question="distribution_name", value=name)) as refused:
            Answers.from_data({"project_name": name}, asked)
        assert str(refused.value.__cause__) == "is the name of a package that the project depends on"


@pytest.mark.parametrize("name", ["project_name", "description", "author_name"])
@pytest.mark.parametrize("value", bad_input.REFUSED_TEXT)
def test_bad_text_is_refused_by_every_text_question(name: str, value: str, asked: Manifest) -> None:
    with pytest.raises(InputError):
        Answers.from_data({"project_name": "Shop", "distribution_name": "shop-api", name: value}, asked)


def test_a_refusal_quotes_the_answer_shortened_and_escaped(asked: Manifest) -> None:
    with pytest.raises(InputError) as refused:
        Answers.from_data({"project_name": "\x1b[31m" * 60}, asked)
    assert refused.value.what.isprintable()
    assert len(refused.value.what) < 120


def test_all_answers_come_back_in_the_order_of_the_questions(asked: Manifest) -> None:
    answers = Answers.from_data({"project_name": "Shop"}, asked)
    assert list(answers.data()) == [question.name for question in asked.questions]


def test_a_template_without_the_core_questions_is_refused() -> None:
    with pytest.raises(BrokenError):
        Answers.from_data({}, Manifest(core=(), features=(), locked=frozenset(), runs_code=()))


@pytest.mark.parametrize(
    ("needs", "conflicts", "given", "expected"),
    [
        (
            ("container",),
            (),
            {"ci": "github", "container": False},
            (NeedError, {"feature": "ci", "needed": "container"}),
        ),
        (
            (),
            ("container",),
            {"ci": "gitlab", "container": True},
            (FeatureConflictError, {"features": ["ci", "container"]}),
        ),
    ],
)
def test_features_that_conflict_are_refused(
    needs: tuple[str, ...],
    conflicts: tuple[str, ...],
    given: dict[str, object],
    expected: tuple[type[InputError], dict[str, object]],
    asked: Manifest,
) -> None:
    features = tuple(
        replace(feature, needs=needs, conflicts=conflicts) if feature.question.name == "ci" else feature
        for feature in asked.features
    )
    constrained = replace(asked, features=features)
    with pytest.raises(expected[0], check=with_fields(**expected[1])) as refusal:
        Answers.from_data({"project_name": "Shop", **given}, constrained)
    assert "--without ci" in refusal.value.hint
    Answers.from_data({"project_name": "Shop", **given, "ci": "none"}, constrained)
