import pytest
from hypothesis import given
from hypothesis import strategies as st

from copperplate.questions import validation
from testing import bad_input

LOCKED = frozenset({"fastapi", "pyyaml", "typing-extensions"})


@pytest.mark.parametrize("value", bad_input.PACKAGES)
def test_a_bad_package_name_is_refused(value: str) -> None:
    with pytest.raises(validation.UnfitError):
        validation.package_name(value, locked=LOCKED)


@pytest.mark.parametrize("value", bad_input.DISTRIBUTIONS)
def test_a_bad_distribution_name_is_refused(value: str) -> None:
    with pytest.raises(validation.UnfitError):
        validation.distribution_name(value, locked=LOCKED)


@pytest.mark.parametrize("value", ["a1", "acme_shop", "a" * 40, "shop_"])
def test_a_good_package_name_is_returned_unchanged(value: str) -> None:
    assert validation.package_name(value, locked=LOCKED) == value


@pytest.mark.parametrize("value", ["a1", "acme-shop", "3d-printer", "a" * 40])
def test_a_good_distribution_name_is_returned_unchanged(value: str) -> None:
    assert validation.distribution_name(value, locked=LOCKED) == value


@pytest.mark.parametrize("value", bad_input.REFUSED_TEXT)
def test_text_that_is_not_one_visible_line_is_refused(value: str) -> None:
    with pytest.raises(validation.UnfitError):
        validation.text(value, longest=200)


@pytest.mark.parametrize("value", bad_input.TEXT)
def test_ordinary_text_is_returned_unchanged(value: str) -> None:
    assert validation.text(value, longest=200) == value


def test_a_refused_character_is_named_with_its_position() -> None:
    with pytest.raises(validation.UnfitError, match=r"U\+0007, at position 3"):
        validation.text("ab\ac", longest=80)


@pytest.mark.parametrize("value", bad_input.EMAILS)
def test_a_bad_email_is_refused(value: str) -> None:
    with pytest.raises(validation.UnfitError):
        validation.email(value)


@pytest.mark.parametrize("value", ["", "ada@example.org", "a.b+c@mail.example.org", "o'neil@example.org"])
def test_a_good_email_is_returned_unchanged(value: str) -> None:
    assert validation.email(value) == value


@pytest.mark.parametrize(
    ("project", "distribution", "package"),
    [
        ("Acme Shop API", "acme-shop-api", "acme_shop_api"),
        ("Café Zürich", "cafe-zurich", "cafe_zurich"),
        ("  --x1!! ", "x1", "x1"),
        ("東京", "", ""),
    ],
)
def test_names_are_derived_from_the_project_name(project: str, distribution: str, package: str) -> None:
    assert validation.derived_distribution_name(project) == distribution
    assert validation.derived_package_name(distribution) == package


@pytest.mark.parametrize(
    ("folder", "name"), [("shop", "Shop"), ("acme-shop", "Acme Shop"), ("my_aPI.v2", "My API V2"), ("--", "")]
)
def test_a_project_name_is_derived_from_the_folder(folder: str, name: str) -> None:
    assert validation.derived_project_name(folder) == name


@given(st.text(max_size=120))
def test_a_derived_name_is_empty_or_well_formed(project: str) -> None:
    name = validation.derived_distribution_name(project)
    assert name == "" or name.replace("-", "").isalnum()
    assert name.isascii()
    assert name == name.lower().strip("-")


@given(st.text(max_size=220))
def test_accepted_text_has_no_control_character(value: str) -> None:
    try:
        accepted = validation.text(value, longest=200)
    except validation.UnfitError:
        return
    assert accepted == value
    assert all(character.isprintable() or character.isspace() or character in "\u200c\u200d" for character in accepted)
    assert len(accepted.splitlines()) == 1
