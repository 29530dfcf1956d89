from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from copperplate.verify import LevelResult, Status, VerifyResult
from copperplate.verify.results import Suite, junit, markdown

PASSED = LevelResult("lock", Status.PASSED, 0.25, "", "uv lock --check")
FAILED = LevelResult("tests", Status.FAILED, 61.5, "\x1b[31mFAILED\x1b[0m <a & b>\n```\nexit code 1", "uv run pytest")
SKIPPED = LevelResult("boot", Status.SKIPPED, 0.0, "needs migrations", "")


@pytest.fixture
def suite() -> Suite:
    return Suite("shop", VerifyResult((PASSED, FAILED, SKIPPED)), "failed", 61.75)


def read(xml: str) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 - our own


def test_junit_has_a_suite_for_a_project_and_a_case_for_a_level(suite: Suite) -> None:
    (found,) = read(junit([suite]))
    assert {name: found.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "time")} == {
        "name": "shop",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "61.750",
    }
    assert [(case.get("name"), [child.tag for child in case]) for case in found] == [
        ("lock", []),
        ("tests", ["failure"]),
        ("boot", ["skipped"]),
    ]


def test_junit_says_what_failed_and_why_something_was_skipped(suite: Suite) -> None:
    (found,) = read(junit([suite]))
    failure, skipped = found.findall(".//failure")[0], found.findall(".//skipped")[0]
    assert failure.get("message") == "exit code 1"
    assert failure.text == "uv run pytest\n�[31mFAILED�[0m <a & b>\n```\nexit code 1"
    assert skipped.get("message") == "needs migrations"


def test_a_level_without_output_can_fail() -> None:
    silent = Suite("shop", VerifyResult((LevelResult("lint", Status.FAILED, 0.1, "", "x"),)), "failed", 0.1)
    assert 'message=""' in junit([silent])
    assert "lint" in markdown([silent], title="Shop")


def test_markdown_has_a_line_for_each_project_and_a_column_for_each_level(suite: Suite) -> None:
    other = Suite("other", VerifyResult((PASSED,)), "passed", 0.25)
    lines = markdown([suite, other], title="Two projects").splitlines()
    assert lines[:6] == [
        "## Two projects",
        "",
        "| project | lock | tests | boot | result | seconds |",
        "| --- | --- | --- | --- | --- | --- |",
        "| `shop` | ✓ 0.2 | ✗ 61.5 | – | failed | 62 |",
        "| `other` | ✓ 0.2 | – | – | passed | 0 |",
    ]


def test_markdown_shows_any_output_of_a_failed_level(suite: Suite) -> None:
    tokens = MarkdownIt().parse(markdown([suite], title="Shop"))
    (fence,) = [token for token in tokens if token.type == "fence"]
    assert fence.content == "�[31mFAILED�[0m <a & b>\n```\nexit code 1\n"
