"""Lists that are found in a text, and the checks of a merged one."""

import pytest

from copperplate.update.lists import languages, line_merger, toml
from copperplate.update.lists.languages import language
from copperplate.update.lists.listing import Listing
from copperplate.update.lists.python import Conventions
from testing import ROOT

CONVENTIONS = Conventions(120, frozenset({"copperplate", "scripts", "tests", "benchmarks"}))
BASE = '[project]\ndependencies = [\n  "a", # first\n]\n'
OURS = '[project]\ndependencies = [\n  "a", # first\n  "b", # ours\n]\n'
THEIRS = '[project]\ndependencies = [\n  "a", # first\n  "c",\n]\n'
BOTH = '[project]\ndependencies = [\n  "a", # first\n  "b", # ours\n  "c",\n]\n'


@pytest.mark.parametrize(
    ("result", "is_whole"),
    [
        (BOTH, True),
        (BOTH.replace("# ours", ""), False),
        (BOTH.replace('  "c",\n', ""), False),
        (BOTH.replace('"c",\n', '"c",\n  "c",\n'), False),
        (BOTH.replace('"b", # ours\n  "c",', '"c", # ours\n  "b",'), True),
    ],
    ids=["whole", "a comment is lost", "an element is lost", "an element stands twice", "another order"],
)
def test_the_words_of_a_result_are_those_of_both_sides(result: str, *, is_whole: bool) -> None:
    assert line_merger.has_all_words(BASE, OURS, THEIRS, result) is is_whole


@pytest.mark.parametrize(
    ("result", "agrees"),
    [
        (BOTH, True),
        (BOTH.replace("# ours", ""), True),
        (BOTH.replace('  "c",\n', ""), False),
        (BOTH.replace('"c",', '"c>1",'), False),
        (BOTH + 'version = "1"\n', False),
        (OURS, False),
    ],
    ids=["whole", "a comment is no data", "an element is lost", "another element", "a new key", "one side only"],
)
def test_the_data_of_a_result_are_those_of_both_sides(result: str, *, agrees: bool) -> None:
    base, ours, theirs, now = map(toml.data, (BASE, OURS, THEIRS, result))
    assert line_merger.agrees((base, ours, theirs, now), toml.is_set) is agrees


@pytest.mark.parametrize("pattern", ["pyproject.toml", "src/**/*.py", "tests/**/*.py", "features/*.yml", ".gitignore"])
def test_found_lists_render_to_their_own_text(pattern: str) -> None:
    files = [file for file in ROOT.glob(pattern) if file.is_file()]
    assert files
    for file in files:
        source = file.read_text(encoding="utf-8")
        known = language(file.name, CONVENTIONS)
        assert known is not None
        listings = list(known.listings(source).values())
        if file.suffix != ".py":
            assert listings[0].render() == source
        for listing in listings:
            assert_stands_at_its_place(listing, source)


def assert_stands_at_its_place(listing: Listing, source: str) -> None:
    text = listing.render()
    assert source[listing.start : listing.start + len(text)] == text
    for element in listing.elements:
        if element.inner:
            assert element.inner.render() == element.text
            assert_stands_at_its_place(element.inner, source)


def test_imports_of_this_repository_are_in_the_expected_order() -> None:
    for file in (ROOT / "src").rglob("*.py"):
        known = language(file.name, CONVENTIONS)
        assert known is not None
        for name, listing in known.listings(file.read_text(encoding="utf-8")).items():
            if name.startswith("imports"):
                keys = list(map(listing.rules.sort_keys[0], listing.elements))
                assert keys == sorted(keys), file  # type: ignore[type-var]  # tuples of one shape


@pytest.mark.parametrize("source", ["a = [1\n", '[a\nb = "c"\n', "= 1\n"])
def test_invalid_toml_has_no_lists(source: str) -> None:
    assert toml.document(source) == {}


@pytest.mark.parametrize("source", ["a: [1\n", "- a\n- b\n", "a: 1\n b: 2\n", "{a: 1}\n", ""])
def test_a_yaml_document_that_is_no_block_mapping_has_no_lists(source: str) -> None:
    assert languages.yaml_document(source) == {}
