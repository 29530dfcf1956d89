"""Committed rows contain every pair and every triple, and the oracle detects a missing one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pytest

from copperplate.questions.manifest import Manifest, Value
from testing.matrix import parameters, rows, shortening
from testing.matrix.base import base_rows, option_rows
from testing.matrix.combinations import all_rows
from testing.matrix.covering import Space, completed
from testing.matrix.rows import STRENGTHS
from tests.template import oracle

COMMITTED = {section: {row.name: row.values for row in found} for section, found in rows.load().items()}
PAIRS = COMMITTED["pairs"]


def pair_faults(found: Mapping[str, Mapping[str, Value]], asked: Manifest) -> list[str]:
    return oracle.faults(found, asked, strength=2)


def with_feature(
    asked: Manifest, name: str, *, needs: tuple[str, ...] = (), conflicts: tuple[str, ...] = ()
) -> Manifest:
    """The questions with one more that is answered by yes or no."""
    container = next(feature for feature in asked.features if feature.question.name == "container")
    question = replace(container.question, name=name)
    return replace(
        asked, features=(*asked.features, replace(container, question=question, needs=needs, conflicts=conflicts))
    )


@pytest.mark.parametrize(("section", "strength"), STRENGTHS.items())
def test_the_committed_rows_hold_everything_and_are_valid(section: str, strength: int, asked: Manifest) -> None:
    """If this fails: `uv run python -m scripts.matrix rows`, and look at what comes of it."""
    assert oracle.faults(COMMITTED[section], asked, strength=strength) == []


def test_everything_and_nothing_are_pairs(asked: Manifest) -> None:
    base = base_rows(asked)
    assert base.keys() == {"everything", "nothing"}
    assert all(PAIRS[name].items() >= fixed.items() for name, fixed in base.items())


def test_each_option_alone_is_a_row_on_several_pythons_in_both_languages(asked: Manifest) -> None:
    alone = option_rows(asked)
    assert {"example-alone", "container-alone", "github-alone", "gitlab-alone"} <= alone.keys()
    assert COMMITTED["options"].keys() == alone.keys()
    assert all(COMMITTED["options"][name].items() >= fixed.items() for name, fixed in alone.items())
    assert {(fixed["python_version"], fixed["adr_language"]) for fixed in alone.values()} == {
        (python, language) for python in ("3.12", "3.13") for language in ("en", "nl")
    }


def test_the_tests_of_the_template_run_with_every_value_of_the_options_that_add_code(asked: Manifest) -> None:
    options = {feature.question.name for feature in asked.features} - {"container", "ci", "renovate"}
    rare = parameters.RARE["python_version"]
    usual = [row for row in rows.load()["pairs"] if row.python not in rare]
    tested = [row for row in rows.load()["pairs"] if row.template_tests]
    assert everything_in(tested, options) == everything_in(usual, options)
    assert len(tested) < len(usual)
    assert not {row.python for row in tested} & rare


def everything_in(found: Sequence[rows.Row], options: Collection[str]) -> set[tuple[str, Value]]:
    """Return every value of the `options` that one of the rows has."""
    return {(option, row.values[option]) for row in found for option in options}


@pytest.mark.parametrize("name", [name for name in PAIRS if name.startswith("pair-")])
def test_a_removed_row_is_detected(name: str, asked: Manifest) -> None:
    assert pair_faults({other: row for other, row in PAIRS.items() if other != name}, asked)


def test_an_added_value_is_detected(asked: Manifest) -> None:
    core = tuple(
        replace(question, choices={**question.choices, "ISC": "ISC"}) if question.name == "license" else question
        for question in asked.core
    )
    faults = pair_faults(PAIRS, replace(asked, core=core))
    assert faults
    assert all("license=ISC" in fault for fault in faults)


def test_an_added_option_is_detected(asked: Manifest) -> None:
    faults = pair_faults(PAIRS, with_feature(asked, "tasks"))
    assert "everything: answers ['tasks'] too many or too few" in faults
    assert "license=MIT, tasks=True" in faults


def test_a_removed_option_is_detected(asked: Manifest) -> None:
    faults = pair_faults(PAIRS, replace(asked, features=asked.features[1:]))
    assert len(faults) == len(PAIRS)


@pytest.mark.parametrize(("question", "value"), [("license", "GPL"), ("project_name", "\0"), ("example", "yes")])
def test_a_row_with_an_unknown_value_is_detected(question: str, value: Value, asked: Manifest) -> None:
    faults = pair_faults({**PAIRS, "wrong": {**PAIRS["nothing"], question: value}}, asked)
    assert faults == [f"wrong: ['{question}'] has no such value"]


def test_a_row_with_invalid_answers_is_detected(asked: Manifest) -> None:
    constrained = with_feature(asked, "tasks", needs=("container",))
    wrong = {**PAIRS["nothing"], "tasks": True}
    assert "wrong: is refused" in pair_faults({"wrong": wrong}, constrained)


def test_a_row_on_a_rare_python_counts_only_for_that_python(asked: Manifest) -> None:
    rare = {name: {**row, "python_version": "3.14"} for name, row in PAIRS.items()}
    faults = pair_faults(rare, asked)
    assert any("python_version" not in fault for fault in faults)
    assert not any("python_version=3.14" in fault for fault in faults)


@pytest.mark.parametrize(
    ("needs", "conflicts", "impossible"),
    [
        ((), (), {}),
        (("container",), (), {"tasks": True, "container": False}),
        ((), ("ci",), {"tasks": True, "ci": "github"}),
        (("container", "ci"), ("example",), {"tasks": True, "example": True}),
    ],
)
def test_the_generator_covers_exactly_the_possible_combinations(
    needs: tuple[str, ...],
    conflicts: tuple[str, ...],
    impossible: dict[str, Value],
    asked: Manifest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shortening, "STEPS", 50)
    changed = with_feature(asked, "tasks", needs=needs, conflicts=conflicts)
    space = Space(parameters.parameters(changed), parameters.rules(changed), strength=2)
    base = base_rows(changed)
    made = completed(space, base, seed=0)
    short = shortening.shortened(space, made, base, seed=0)
    light = shortening.lightened(space, short, base, seed=0)
    assert pair_faults(made, changed) == pair_faults(short, changed) == pair_faults(light, changed) == []
    assert len(light) == len(short) <= len(made)
    assert weight(light) <= weight(short)
    assert "tasks-alone" in option_rows(changed)
    assert not impossible or not any(row.items() >= impossible.items() for row in short.values())


def weight(found: Mapping[str, Mapping[str, Value]]) -> int:
    return sum(row[feature] is True for row in found.values() for feature in parameters.HEAVY)


def test_a_question_of_free_text_needs_classes_of_values(asked: Manifest) -> None:
    motto = replace(asked.core[0], name="motto")
    with pytest.raises(LookupError, match="motto takes any text"):
        parameters.parameters(replace(asked, core=(*asked.core, motto)))


def test_all_combinations_are_exactly_the_accepted_ones(asked: Manifest) -> None:
    found = all_rows()
    assert len({row.name for row in found}) == len(found)
    product = 1
    for question in asked.questions:
        product *= 2 if question.kind == "bool" else len(question.choices) or 1
    # Of the 128 choices of jobs, mail, auth, API keys, OIDC and tenancy, these go together: without accounts 3, because
    # mail needs jobs; with external tokens 4, because API keys need mail; with sessions 8, and with tokens 8.
    assert len(found) == product * 23 // 128


def test_rows_are_read_from_the_file_as_written(asked: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "STRENGTHS", {"pairs": 2, "triples": 1})
    monkeypatch.setattr(shortening, "STEPS", 1)
    text = rows.generated(asked)
    assert text == rows.generated(asked)
    made = rows.load(text)
    assert pair_faults({row.name: row.values for row in made["pairs"]}, asked) == []


def test_a_row_runs_on_the_oldest_python_that_it_supports() -> None:
    for row in rows.load()["pairs"]:
        assert row.python == row.answers["python_version"]
        assert (".env" in row.files) == (row.values["dotenv"] == "hostile")
