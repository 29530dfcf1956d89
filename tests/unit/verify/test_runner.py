import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copperplate.progress import Silent
from copperplate.verify import LEVELS, CheckFailed, Level, LevelResult, Status, Target, VerifyResult, run_levels
from copperplate.verify.session import Log, Session


def passes(_: Session, log: Log) -> None:
    log.say("all well")


def fails(_: Session, log: Log) -> None:
    log.say("looking")
    raise CheckFailed("found a fault")


def breaks(_: Session, __: Log) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path, package="shop", command="shop")


def statuses(result: VerifyResult) -> dict[str, str]:
    return {level.name: level.status.value for level in result.levels}


def test_a_level_that_needs_a_failed_one_is_skipped_and_the_independent_ones_still_run(target: Target) -> None:
    levels = (
        Level("one", passes),
        Level("two", fails, needs=("one",)),
        Level("three", passes, needs=("two",)),
        Level("four", passes, needs=("three",)),
        Level("five", passes, needs=("one",)),
    )
    result = run_levels(target, levels)
    assert statuses(result) == {
        "one": "passed",
        "two": "failed",
        "three": "skipped",
        "four": "skipped",
        "five": "passed",
    }
    assert result.levels[2].output == "needs two"


def test_the_output_of_a_failed_level_ends_with_the_reason(target: Target) -> None:
    (failed,) = run_levels(target, [Level("one", fails)]).levels
    assert failed.status is Status.FAILED
    assert failed.output == "looking\nfound a fault"


def test_the_exit_code_tells_whether_every_level_passed(target: Target) -> None:
    assert run_levels(target, [Level("one", passes)]).exit_code == 0
    assert run_levels(target, [Level("one", passes), Level("two", fails)]).exit_code == 1


def test_a_level_that_the_project_does_not_need_is_skipped_with_its_reason_and_fails_nothing(target: Target) -> None:
    result = run_levels(target, [Level("one", fails, unneeded=lambda _: "no accounts"), Level("two", passes)])
    assert statuses(result) == {"one": "skipped", "two": "passed"}
    assert result.levels[0].output == "no accounts"
    assert result.exit_code == 0


def test_a_level_may_be_run_without_those_it_needs(target: Target) -> None:
    assert statuses(run_levels(target, [Level("two", passes, needs=("one",))])) == {"two": "passed"}


def test_progress_sees_each_level_and_whether_it_failed(target: Target) -> None:
    seen = []

    class Watching(Silent):
        @contextmanager
        def step(self, name: str) -> Iterator[None]:
            try:
                yield
            except CheckFailed:
                seen.append(f"{name} failed")
                raise
            seen.append(name)

    run_levels(target, [Level("one", passes), Level("two", fails)], progress=Watching())
    assert seen == ["one", "two failed"]


def test_a_level_that_returns_an_iterator_runs_beside_the_next_ones_and_keeps_its_place(target: Target) -> None:
    done = []

    def goes_on(_: Session, log: Log) -> Iterator[None]:
        while "four" not in done:
            yield
        log.say("all well")

    def notes(name: str) -> Level:
        return Level(name, lambda *_: done.append(name))

    levels = (notes("one"), Level("two", goes_on), Level("three", fails), notes("four"))
    result = run_levels(target, levels)
    assert statuses(result) == {"one": "passed", "two": "passed", "three": "failed", "four": "passed"}
    assert list(statuses(result)) == ["one", "two", "three", "four"]


def test_a_failed_level_beside_others_is_reported(target: Target) -> None:
    def fails_later(_: Session, __: Log) -> Iterator[None]:
        yield
        raise CheckFailed("found a fault")

    result = run_levels(target, [Level("one", fails_later), Level("two", passes)])
    assert statuses(result) == {"one": "failed", "two": "passed"}
    assert result.levels[0].output == "found a fault"


def test_an_interrupt_ends_a_level_beside_too(target: Target) -> None:
    ended = []

    def goes_on(_: Session, __: Log) -> Iterator[None]:
        try:
            while True:
                yield
        finally:
            ended.append("one")

    with pytest.raises(KeyboardInterrupt):
        run_levels(target, [Level("one", goes_on), Level("two", breaks)])
    assert ended == ["one"]


def test_an_interrupt_ends_the_run_and_leaves_no_scratch_folder(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with pytest.raises(KeyboardInterrupt):
        run_levels(target, [Level("one", passes), Level("two", breaks)])
    assert list(scratch.iterdir()) == []


def test_the_levels_come_in_the_order_that_is_documented_and_need_only_earlier_ones() -> None:
    names = [level.name for level in LEVELS]
    assert names == ["lock", "install", "format", "lint", "types", "migrations", "isolation", "tests", "boot"]
    assert all(names.index(need) < names.index(level.name) for level in LEVELS for need in level.needs)


def test_the_tail_of_a_long_output_fits_a_screen() -> None:
    result = LevelResult("boot", Status.FAILED, 1.0, "\n".join(["x" * 9000] * 100), "")
    assert len(result.tail) < 60 * 501
