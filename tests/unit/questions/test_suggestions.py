import pytest

from copperplate.questions import validation


@pytest.mark.parametrize("name", ["licence", "LICENSE", "licens", "-license"])
def test_a_similar_name_is_suggested(name: str) -> None:
    assert validation.suggestion(name, ["license", "ci"]) == "did you mean license? there are: license, ci"


@pytest.mark.parametrize("name", ["colour", "", "\ud800", "x" * 100_000])
def test_without_a_similar_name_all_are_listed(name: str) -> None:
    assert validation.suggestion(name, ["license", "ci"]) == "there are: license, ci"


SYNONYMS = {"items": "example", "dockerfile": "container"}


@pytest.mark.parametrize(("name", "meant"), [("items", "example"), ("Item", "example"), ("docker", "container")])
def test_a_synonym_suggests_its_name(name: str, meant: str) -> None:
    expected = f"did you mean {meant}? there are: example, container"
    assert validation.suggestion(name, ["example", "container"], SYNONYMS) == expected
