"""The checks, from the cheapest to the most thorough. Each is a value: its name, what it runs, what it needs."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from copperplate.verify.bench import Bench
from copperplate.verify.boot import boot
from copperplate.verify.contract import contract
from copperplate.verify.parse import parse
from copperplate.verify.transcript import Transcript

INSTALL_TIMEOUT = 900.0
TESTS_TIMEOUT = 1800.0

_PROGRESS = ("--override-ini=console_output_style=count", "--durations=3")
_COUNT = re.compile(rb"\[ *(\d+)/(\d+)\]")

LEFTOVERS = Path(__file__).with_name("leftovers.py")


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    check: Callable[[Bench, Transcript], Iterator[None] | None]
    """Raises `CheckFailed` when the project does not pass. One that returns an iterator runs beside the next levels."""

    needs: tuple[str, ...] = ()
    """Levels without which this one would tell nothing new."""


def _lock(bench: Bench, transcript: Transcript) -> None:
    bench.run(transcript, "uv", "lock", "--check")


def _install(bench: Bench, transcript: Transcript) -> None:
    bench.run(transcript, "uv", "sync", "--locked", "--exact", timeout=INSTALL_TIMEOUT)


def _format(bench: Bench, transcript: Transcript) -> None:
    bench.run(transcript, "ruff", "format", "--check", ".")


def _lint(bench: Bench, transcript: Transcript) -> None:
    bench.run(transcript, "ruff", "check", "--no-fix", ".")


def _types(bench: Bench, transcript: Transcript) -> Iterator[None]:
    """No other check needs it, and mypy uses one processor."""
    return bench.run_beside(transcript, "mypy")


def _migrations(bench: Bench, transcript: Transcript) -> None:
    """Migrate up, find nothing left to migrate, go all the way down, find nothing left behind, and go up again.

    The last time by the project's own command, as its servers will.
    """
    settings = {**bench.servers(transcript).settings, "ALEMBIC_CONFIG": str(bench.target.path / "pyproject.toml")}
    commands = (
        ("alembic", "upgrade", "head"),
        ("alembic", "check"),
        ("alembic", "downgrade", "base"),
        ("python", str(LEFTOVERS)),
        bench.write_examples,
        (bench.target.command, "migrate"),
    )
    bench.run_series(transcript, commands, modules=("db.migrate", "features"), settings=settings)
    bench.migrated = True


def tests_done(output: bytes) -> tuple[int, int] | None:
    """The tests that are done, and all, as pytest writes them at the end of its lines."""
    found = _COUNT.findall(output)
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def tests(*only: str) -> Level:
    """The project's whole suite, with the coverage that it asks of itself, on the servers that it starts itself.

    With `only`, which are arguments for pytest, a part of it, and no coverage: a part has not enough.
    """

    def check(bench: Bench, transcript: Transcript) -> None:
        arguments = only or ("--cov",)
        bench.run(transcript, "pytest", *arguments, *_PROGRESS, timeout=TESTS_TIMEOUT, counted=tests_done)

    return Level("tests", check, needs=("install",))


LEVELS = (
    Level("lock", _lock),
    Level("install", _install, needs=("lock",)),
    Level("format", _format, needs=("install",)),
    Level("lint", _lint, needs=("install",)),
    Level("types", _types, needs=("install",)),
    Level("migrations", _migrations, needs=("install",)),
    tests(),
    Level("boot", boot, needs=("migrations",)),
)

PARSE = Level("parse", parse)
"""For a project as it is rendered: people may keep files that are none of its parsers' business."""

CONTRACT = Level("contract", contract, needs=("boot",))
"""For who leaves the contract's test out of `tests`: a project's own suite holds it."""
