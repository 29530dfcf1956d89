"""Checks of a project, run one after the other; some go on beside the next ones."""

import time
from collections.abc import Generator, Iterable
from contextlib import ExitStack
from typing import TypeAlias, cast

from copperplate.progress import Progress, Silent
from copperplate.verify.bench import Bench
from copperplate.verify.levels import LEVELS, Level
from copperplate.verify.results import CheckFailed, LevelResult, Status, VerifyResult
from copperplate.verify.target import Target
from copperplate.verify.transcript import Transcript

_Run: TypeAlias = Generator[None, None, LevelResult]

PAUSE = 0.05
"""Seconds between two looks at what is left, at the end."""


def run_levels(target: Target, levels: Iterable[Level] = LEVELS, *, progress: Progress | None = None) -> VerifyResult:
    """Run every level, but skip one that needs a level which did not pass.

    However it ends, no process, database or temporary file is left.
    """
    levels = tuple(levels)
    results: dict[str, LevelResult] = {}
    beside: dict[str, _Run] = {}

    def look() -> None:
        for name in list(beside):
            if result := _result(beside[name]):
                results[name] = result
                del beside[name]

    progress = progress or Silent()
    with Bench(target, progress) as bench, ExitStack() as stack:
        bench.meanwhile = look
        for level in levels:
            missing = [n for n in level.needs if n in results and results[n].status is not Status.PASSED]
            if missing:
                results[level.name] = _skipped(level, missing)
                continue
            run = _run(level, bench, progress)
            stack.callback(run.close)
            if result := _result(run):
                results[level.name] = result
            else:
                beside[level.name] = run
            look()
        while beside:
            time.sleep(PAUSE)
            look()
    return VerifyResult(tuple(results[level.name] for level in levels))


def _result(run: _Run) -> LevelResult | None:
    """The result of a level that has come to its end; None if it goes on."""
    try:
        next(run)
    except StopIteration as end:
        return cast("LevelResult", end.value)
    return None


def _run(level: Level, bench: Bench, progress: Progress) -> _Run:
    status = Status.PASSED
    started = time.monotonic()
    with Transcript() as transcript:
        try:
            with progress.step(level.name):  # it sees the failure too
                yield from level.check(bench, transcript) or ()
        except CheckFailed as failure:
            status = Status.FAILED
            transcript.say(str(failure))
        seconds = time.monotonic() - started
        return LevelResult(level.name, status, seconds, transcript.text(), " && ".join(transcript.commands))


def _skipped(level: Level, missing: list[str]) -> LevelResult:
    return LevelResult(level.name, Status.SKIPPED, 0.0, f"needs {' and '.join(missing)}", "")
