"""Levels of a verification, from the fastest to the most thorough, and the function that runs them."""

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias, cast

from copperplate.progress import Progress, Silent
from copperplate.verify.boot import boot
from copperplate.verify.results import CheckFailed, LevelResult, Status, Target, VerifyResult
from copperplate.verify.servers import IN_PROJECT
from copperplate.verify.session import TIMEOUT, Log, Session

INSTALL_TIMEOUT = 900.0
TESTS_TIMEOUT = 1800.0

_PROGRESS = ("--override-ini=console_output_style=count", "--durations=3")
_COUNT = re.compile(rb"\[ *(\d+)/(\d+)\]")


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    check: Callable[[Session, Log], Iterator[None] | None]
    """Function of the level. It raises `CheckFailed` if the project does not pass. If it returns an iterator, it runs
    beside the next levels."""
    needs: tuple[str, ...] = ()
    """Levels that must pass before this one is useful."""
    unneeded: Callable[[Target], str] | None = None
    """Function that returns why the project does not need this level; an empty string if it does."""


def _command(*command: str, timeout: float = TIMEOUT) -> Callable[[Session, Log], None]:
    """Return the check that a command succeeds."""
    return lambda session, log: session.run(log, *command, timeout=timeout)


def _migrations(session: Session, log: Log) -> None:
    """Upgrade, check that nothing is left to migrate, downgrade, check that nothing is left, and upgrade again.

    The last upgrade uses the project's own command, as in production.
    """
    settings = {**session.servers(log).settings, "ALEMBIC_CONFIG": str(session.target.path / "pyproject.toml")}
    commands = (
        ("alembic", "upgrade", "head"),
        ("alembic", "check"),
        ("alembic", "downgrade", "base"),
        ("python", str(IN_PROJECT), "leftovers"),
        session.write_examples,
        (session.target.command, "migrate"),
    )
    session.run_series(log, commands, modules=("db.migrate", "features"), settings=settings)
    session.migrated = True


ISOLATION = "tests/test_isolation.py"
"""Test of a project with accounts: it calls every operation as another user, without a login and after logout."""


def _without_accounts(target: Target) -> str:
    if (target.path / ISOLATION).exists():
        return ""
    return f"the project has no {ISOLATION}, which comes with accounts: copperplate add auth=session"


def _isolation(session: Session, log: Log) -> Iterator[None]:
    """Run the isolation test beside other levels, without coverage, since it tests only who may call."""
    session.tested.append(ISOLATION)
    return session.run_beside(log, "pytest", ISOLATION, timeout=TESTS_TIMEOUT)


def tests_done(output: bytes) -> tuple[int, int] | None:
    """Return the numbers of finished and of all tests, as pytest writes them at the end of its lines."""
    found = _COUNT.findall(output)
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def tests(*only: str, without: tuple[str, ...] = ()) -> Level:  # noqa: PT028 - not a test
    """Run all tests of the project, with the coverage that it requires, on servers that the tests start.

    Tests that another level has run are not run again. With `only`, arguments for pytest, run some of the tests,
    without the coverage, which they would not reach.
    """

    def check(session: Session, log: Log) -> None:
        arguments = only or ("--cov", *(f"--deselect={test}" for test in (*session.tested, *without)))
        session.run(log, "pytest", *arguments, *_PROGRESS, timeout=TESTS_TIMEOUT, counted=tests_done)

    return Level("tests", check, needs=("install",))


LEVELS = (
    Level("lock", _command("uv", "lock", "--check")),
    Level("install", _command("uv", "sync", "--locked", "--exact", timeout=INSTALL_TIMEOUT), needs=("lock",)),
    Level("format", _command("ruff", "format", "--check", "."), needs=("install",)),
    Level("lint", _command("ruff", "check", "--no-fix", "."), needs=("install",)),
    # Beside other levels: none of them needs the result, and mypy uses one processor.
    Level("types", lambda session, log: session.run_beside(log, "mypy"), needs=("install",)),
    Level("migrations", _migrations, needs=("install",)),
    Level("isolation", _isolation, needs=("install",), unneeded=_without_accounts),
    tests(),
    Level("boot", boot, needs=("migrations",)),
)

_Run: TypeAlias = Generator[None, None, LevelResult]

PAUSE = 0.05
"""Seconds between two checks of the last running levels."""


def run_levels(target: Target, levels: Iterable[Level] = LEVELS, *, progress: Progress | None = None) -> VerifyResult:
    """Run every level, but skip a level that needs one which did not pass, and one that the project does not need.

    No process, database or temporary file is left, also after an error.
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
    with Session(target, progress) as session, ExitStack() as stack:
        session.meanwhile = look
        for level in levels:
            missing = [n for n in level.needs if n in results and results[n].status is not Status.PASSED]
            reason = f"needs {' and '.join(missing)}" if missing else level.unneeded and level.unneeded(target)
            if reason:
                results[level.name] = LevelResult(level.name, Status.SKIPPED, 0.0, reason, "")
                continue
            run = _run(level, session, progress)
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
    """Return the result of a level that has ended; None if it still runs."""
    try:
        next(run)
    except StopIteration as end:
        return cast("LevelResult", end.value)
    return None


def _run(level: Level, session: Session, progress: Progress) -> _Run:
    status = Status.PASSED
    started = time.monotonic()
    with Log() as log:
        try:
            with progress.step(level.name):  # the progress shows the failure too
                yield from level.check(session, log) or ()
        except CheckFailed as failure:
            status = Status.FAILED
            log.say(str(failure))
        seconds = time.monotonic() - started
        return LevelResult(level.name, status, seconds, log.text(), " && ".join(log.commands))
