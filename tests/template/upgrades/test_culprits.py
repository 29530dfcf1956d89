from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.upgrades.culprits import culprits, smallest

NAMES = frozenset("abcdefghijklmnop")


@given(st.sets(st.sampled_from(sorted(NAMES)), min_size=1, max_size=4))
def test_packages_that_break_only_together_are_found_together(guilty: set[str]) -> None:
    assert smallest(NAMES, lambda names: guilty <= names) == guilty


@given(st.sets(st.sampled_from(sorted(NAMES)), max_size=5))
def test_each_package_that_breaks_alone_is_found(guilty: set[str]) -> None:
    assert sorted(culprits(NAMES, lambda names: bool(guilty & names))) == [frozenset(name) for name in sorted(guilty)]


def test_the_remaining_packages_do_not_break() -> None:
    def breaks(names: frozenset[str]) -> bool:
        return {"a", "p"} <= names or "k" in names

    found = culprits(NAMES, breaks)
    assert sorted(map(sorted, found)) == [["a", "p"], ["k"]]
    assert not breaks(NAMES - frozenset().union(*found))


@pytest.mark.parametrize("breaks", [lambda _: False, lambda names: len(names) > 99])
def test_without_a_failure_there_is_no_culprit(breaks: Callable[[frozenset[str]], bool]) -> None:
    assert culprits(NAMES, breaks) == []


def test_one_of_many_is_found_by_bisection() -> None:
    tried = []

    def breaks(names: frozenset[str]) -> bool:
        tried.append(names)
        return "k" in names

    assert culprits(NAMES, breaks) == [frozenset("k")]
    assert len(tried) <= 10
