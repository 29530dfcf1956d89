"""Levels of a verification, from the fastest to the most thorough, and the function that runs them."""

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
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


def _isolation(session: Session, log: Log) -> Iterator[None] | None:
    """Run the isolation test beside other levels, without coverage, since it tests only who may call."""
    session.tested.append(ISOLATION)
    run = session.run if session.shares_redis else session.run_beside
    return run(log, "pytest", ISOLATION, timeout=TESTS_TIMEOUT)


def tests_done(output: bytes) -> tuple[int, int] | None:
    """Return the numbers of finished and of all tests, as pytest writes them at the end of its lines."""
    found = _COUNT.findall(output)
    return (int(found[-1][0]), int(found[-1][1])) if found else None


CONTRACT = "tests/test_contract.py"
"""Test that sends many requests to the served application. It takes a quarter of the time of all tests."""


def tests(*only: str, without: tuple[str, ...] = ()) -> Level:  # noqa: PT028 - not a test
    """Run all tests of the project, with the coverage that it requires, on servers that the tests start.

    Tests that another level has run are not run again. The test of the contract runs beside the others, if it counts
    for no coverage. With `only`, arguments for pytest, run some of the tests, without the coverage, which they would
    not reach.
    """

    def runs_beside(session: Session) -> bool:
        return CONTRACT not in without and _counts_for_nothing(session.target) and not session.shares_redis

    def check(session: Session, log: Log) -> Iterator[None] | None:
        def run(*arguments: str) -> None:
            session.run(log, "pytest", *arguments, *_PROGRESS, timeout=TESTS_TIMEOUT, counted=tests_done)

        beside = (CONTRACT,) if not only and runs_beside(session) else ()
        deselected = (f"--deselect={test}" for test in (*session.tested, *without, *beside))
        others = partial(run, *(only or ("--cov", *deselected)))
        if beside:
            return _beside_the_contract(session, log, others)
        others()
        return None

    return Level("tests", check, needs=("install",))


def _counts_for_nothing(target: Target) -> bool:
    """True if the test of the contract counts for no coverage; in projects of templates before 0.13.0 it counts."""
    path = target.path / CONTRACT
    return path.is_file() and b"\n@pytest.mark.no_cover" in path.read_bytes()


def _beside_the_contract(session: Session, log: Log, others: Callable[[], None]) -> Iterator[None]:
    """Run the test of the contract beside the other tests; its output comes after theirs.

    If only they have failed, it is left out, since the end of the output must say why.
    """
    arguments = ("pytest", CONTRACT, "--durations=3")
    with Log() as own, closing(session.run_beside(own, *arguments, timeout=TESTS_TIMEOUT)) as contract:
        next(contract, None)
        failed: CheckFailed | None = None
        try:
            others()
        except CheckFailed as failure:
            failed = failure
        try:
            yield from contract
        except CheckFailed:
            log.say(own.text())
            raise
        finally:
            log.commands += own.commands
        if failed:
            raise failed
        log.say(own.text())


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
