"""Checks of a project, run one after the other."""

import time
from collections.abc import Iterable

from copperplate.progress import Progress, Silent
from copperplate.verify.bench import Bench
from copperplate.verify.levels import LEVELS, Level
from copperplate.verify.results import CheckFailed, LevelResult, Status, VerifyResult
from copperplate.verify.target import Target
from copperplate.verify.transcript import Transcript


def run_levels(target: Target, levels: Iterable[Level] = LEVELS, *, progress: Progress | None = None) -> VerifyResult:
    """Run every level, but skip one that needs a level which did not pass.

    However it ends, no process, database or temporary file is left.
    """
    progress = progress or Silent()
    results: dict[str, LevelResult] = {}
    with Bench(target, progress) as bench:
        for level in levels:
            missing = [n for n in level.needs if n in results and results[n].status is not Status.PASSED]
            results[level.name] = _skipped(level, missing) if missing else _run(level, bench, progress)
    return VerifyResult(tuple(results.values()))


def _run(level: Level, bench: Bench, progress: Progress) -> LevelResult:
    status = Status.PASSED
    started = time.monotonic()
    with Transcript() as transcript:
        try:
            with progress.step(level.name):  # it sees the failure too
                level.check(bench, transcript)
        except CheckFailed as failure:
            status = Status.FAILED
            transcript.say(str(failure))
        seconds = time.monotonic() - started
        return LevelResult(level.name, status, seconds, transcript.text(), " && ".join(transcript.commands))


def _skipped(level: Level, missing: list[str]) -> LevelResult:
    return LevelResult(level.name, Status.SKIPPED, 0.0, f"needs {' and '.join(missing)}", "")
