import pytest

from copperplate import suggestions


@pytest.mark.parametrize("name", ["licence", "LICENSE", "licens", "-license"])
def test_a_name_that_is_nearly_right_is_suggested(name: str) -> None:
    assert suggestions.hint(name, ["license", "ci"]) == "did you mean license? there are: license, ci"


@pytest.mark.parametrize("name", ["colour", "", "\ud800", "x" * 100_000])
def test_where_no_name_is_near_all_are_listed(name: str) -> None:
    assert suggestions.hint(name, ["license", "ci"]) == "there are: license, ci"
