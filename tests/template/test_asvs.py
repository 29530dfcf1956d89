"""OWASP ASVS 5.0: a test of the template names each requirement that a project with accounts meets."""

import re

import pytest

from testing import ROOT

METHODS = ("session", "jwt", "external")
"""The values of `auth`. The tests of each are in a folder of its name, which is laid only over projects with it."""

COMMON = "3.5.3 6.3.2 6.3.4 7.4.1 7.4.2 7.4.5 7.5.1 8.2.1 8.2.2 8.2.3 8.3.2 14.2.1 14.3.2 16.3.1 16.3.2"
"""Requirements whatever the value of `auth`."""

LOGIN = """
    3.3.1 3.3.2 3.3.3 3.3.4 3.5.1
    6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.8 6.2.9 6.2.11 6.2.12 6.3.1 6.3.8 6.4.1 6.4.3
    7.2.3 7.2.4 7.3.1 7.3.2 7.4.3 7.5.2 11.4.2 16.2.5
"""
"""Requirements of passwords and logins of our own. A second factor (6.3.3) does not exist yet."""

TOKENS = "9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3"
"""Requirements of self-contained tokens."""

OWN = {"session": LOGIN, "jwt": f"{LOGIN} {TOKENS} 10.4.5 10.4.8", "external": f"{TOKENS} 6.8.1"}
"""Those of one method."""

OPTIONS = {
    "oidc": "6.8.1 6.8.2 7.6.2 10.1.2 10.2.1 10.2.2 10.5.1 10.5.3 10.5.4",
    "organisations": "8.4.1",
}
"""Those of options for logins of our own, by the folder of the tests."""

_TEST = re.compile(r"\bdef test_((?:\d+_\d+_\d+_(?:and_|to_)?)+)")


def requirements(name: str) -> set[str]:
    """Return the numbers at the start of a test's name, such as `3_3_1_to_3_3_4_` or `6_2_2_and_6_2_3_`."""
    found: set[str] = set()
    for first, _, last in re.findall(r"(\d+_\d+_\d+)_(to_(\d+_\d+_\d+))?", name):
        start, end = (int(number.rpartition("_")[2]) for number in (first, last or first))
        section = first.rpartition("_")[0].replace("_", ".")
        found |= {f"{section}.{number}" for number in range(start, end + 1)}
    return found


def named(method: str, option: str = "") -> set[str]:
    """Return what the tests name that a project with this method has; of an option, what is in its folder."""
    others = {other for other in METHODS if other != method}
    others |= {"accounts"} if method == "external" else {"identities"}
    files = [file for folder in ("template", "template_tests") for file in (ROOT / folder / "tests").rglob("*.py*")]
    text = "".join(
        file.read_text(encoding="utf-8")
        for file in files
        if file.suffix != ".pyc"
        and not others & (parts := set(file.relative_to(ROOT).parts))
        and (option in parts if option else not parts & OPTIONS.keys())
    )
    return set().union(*map(requirements, _TEST.findall(text)))


@pytest.mark.parametrize("method", METHODS)
def test_each_requirement_has_a_named_test(method: str) -> None:
    assert {*COMMON.split(), *OWN[method].split()} - named(method) == set()


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("method", ["session", "jwt"])
def test_each_requirement_of_an_option_has_a_named_test(method: str, option: str) -> None:
    assert set(OPTIONS[option].split()) - named(method, option) == set()


def test_a_range_of_requirements_names_each() -> None:
    assert requirements("3_3_1_to_3_3_4_") == {"3.3.1", "3.3.2", "3.3.3", "3.3.4"}
    assert requirements("6_2_2_and_6_2_11_") == {"6.2.2", "6.2.11"}
