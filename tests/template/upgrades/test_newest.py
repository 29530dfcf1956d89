"""Newer versions of small packages, of which some break what imports them."""

import subprocess
from collections.abc import Callable

import pytest

from copperplate import uv
from testing.errors import with_fields
from testing.upgrades import locks
from testing.upgrades.report import report
from testing.upgrades.survey import Change, FailsAnywayError, Failure, survey
from tests.template.upgrades.conftest import Harbour


def importing(harbour: Harbour, *modules: str) -> tuple[Failure, ...]:
    """Install what the lock says, and import."""
    uv.sync(harbour.project)
    python = harbour.project / ".venv" / "bin" / "python"
    command = [str(python), "-c", f"import {', '.join(modules)}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (Failure("ship", "tests", done.stderr),) if done.returncode else ()


@pytest.fixture
def before(harbour: Harbour) -> bytes:
    for name in ("calm", "breeze", "storm"):
        harbour.lands(name, "1.0")
    harbour.takes("calm", "breeze", "storm")
    return locks.lowest(harbour.project)


@pytest.fixture
def trial(harbour: Harbour, before: bytes) -> Callable[[frozenset[str]], tuple[Failure, ...]]:
    def trial(upgraded: frozenset[str]) -> tuple[Failure, ...]:
        locks.upgraded(harbour.project, before, upgraded)
        return importing(harbour, "calm", "breeze", "storm")

    return trial


def test_versions_that_work_are_good(
    harbour: Harbour, before: bytes, trial: Callable[[frozenset[str]], tuple[Failure, ...]]
) -> None:
    harbour.lands("breeze", "1.1")
    harbour.lands("calm", "2.0", needs="swell")
    harbour.lands("swell", "0.1")
    changes = locks.changes(before, locks.upgraded(harbour.project, before))
    assert changes == {"breeze": Change("1.0", "1.1"), "calm": Change("1.0", "2.0"), "swell": Change("", "0.1")}
    found = survey(changes, trial)
    assert found.good
    assert found.trials == 1
    assert "Good: 3 packages changed" in report(found, title="Weather", held="")


def test_the_version_that_breaks_is_named_and_the_one_to_keep(
    harbour: Harbour, before: bytes, trial: Callable[[frozenset[str]], tuple[Failure, ...]]
) -> None:
    harbour.lands("breeze", "1.1")
    harbour.lands("calm", "1.1")
    harbour.lands("storm", "2.0", code="raise ImportError('the mast is gone')")
    changes = locks.changes(before, locks.upgraded(harbour.project, before))
    found = survey(changes, trial)
    assert not found.good
    assert found.culprits == (frozenset({"storm"}),)
    text = report(found, title="Weather", held="`{name}=={before}`, below `{after}`")
    assert "- `storm==1.0`, below `2.0`" in text
    assert "| storm | 1.0 | 2.0 | **breaks** |" in text
    assert "| calm | 1.0 | 1.1 | good |" in text
    assert "## ship: tests" in text
    assert "the mast is gone" in text


def test_two_that_break_only_together_are_named_together(
    harbour: Harbour, before: bytes, trial: Callable[[frozenset[str]], tuple[Failure, ...]]
) -> None:
    harbour.lands("breeze", "2.0", code="STRONG = True")
    harbour.lands("storm", "2.0", code="import breeze\nassert not hasattr(breeze, 'STRONG')")
    found = survey(locks.changes(before, locks.upgraded(harbour.project, before)), trial)
    assert found.culprits == (frozenset({"breeze", "storm"}),)
    assert "`breeze==1.0` together with `storm==1.0`" in report(found, title="Weather", held="`{name}=={before}`")


def test_without_newer_versions_nothing_is_tried(harbour: Harbour, before: bytes) -> None:
    found = survey(locks.changes(before, locks.upgraded(harbour.project, before)), lambda _: pytest.fail("tried"))
    assert found.good


def test_a_failure_that_does_not_repeat_is_reported_without_a_culprit(harbour: Harbour, before: bytes) -> None:
    harbour.lands("storm", "2.0")
    outcomes = iter([(Failure("ship", "tests", "too slow today"),), ()])
    found = survey(locks.changes(before, locks.upgraded(harbour.project, before)), lambda _: next(outcomes))
    assert found.good
    assert found.culprits == ()
    assert "## ship: tests (failed once, and not again)" in report(found, title="Weather", held="")


def test_a_failure_with_the_old_versions_is_not_blamed_on_a_new_one(harbour: Harbour, before: bytes) -> None:
    harbour.lands("storm", "2.0")
    changes = locks.changes(before, locks.upgraded(harbour.project, before))
    with pytest.raises(FailsAnywayError, check=with_fields(failures=[Failure("ship", "tests", "leaks")])):
        survey(changes, lambda _: (Failure("ship", "tests", "leaks"),))


def test_incompatible_versions_are_reported(harbour: Harbour, before: bytes) -> None:
    harbour.takes("calm>=9")
    with pytest.raises(locks.NoVersionsError):
        locks.upgraded(harbour.project, before)
