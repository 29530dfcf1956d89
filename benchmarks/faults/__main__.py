"""Faults and attacks on a generated project: `python -m benchmarks.faults [PROJECT] [--only ROW …]`.

Each row starts real servers, a proxy before each that fails on demand, and `serve` as in production. It causes its
fault, sends requests, and compares the responses with the target. Without PROJECT, a project with every option on is
rendered; a given project needs the features `example` and `observability`. Times need a quiet machine: each row shows
the load of the minute before. Exit code 1: a target is missed.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults import database, migration, process, redis
from benchmarks.faults.row import Result, Row
from benchmarks.served import Project

ROWS = (*redis.ROWS, *database.ROWS, *process.ROWS, *migration.ROWS)

ELSEWHERE = {
    "a worker is killed in the middle of a job": "measured by `python -m benchmarks.jobs`",
    "a login of a known and of an unknown account": "measured by `python -m benchmarks.identity`",
    "a revoked session or token": "proved by the template's tests of `auth`",
    "access by object: users × resources × verbs": "proved by the level `isolation` of `copperplate verify`",
    "Schemathesis, all checks": "proved by the level `contract` of `python -m scripts.matrix`",
}
"""Rows of the table that are not measured here, with the reasons."""

TEMPLATE = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, nargs="?")
    parser.add_argument("--only", nargs="+", metavar="ROW", choices=[row.name for row in ROWS], help="%(choices)s")
    arguments = parser.parse_args()
    chosen = [row for row in ROWS if not arguments.only or row.name in arguments.only]
    with given(arguments.project) if arguments.project else rendered() as project:
        results = [(row, load(), run(row, project)) for row in chosen]
    print(*table(results), sep="\n")
    if not arguments.only:
        print(*(f"not measured: {case}: {why}" for case, why in ELSEWHERE.items()), sep="\n")
    sys.exit(not all(result.met for _, _, result in results))


@contextmanager
def given(path: Path) -> Iterator[Project]:
    yield Project(path.resolve())


@contextmanager
def rendered() -> Iterator[Project]:
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL does not run as root, and its account needs the programs
        path = Path(folder) / "shop"
        answers = ("--defaults", "-d", "project_name=Shop", "--with", "observability", "--no-git")
        tool = str(Path(sys.executable).with_name("copperplate"))
        command = [tool, "new", str(path), "--template", str(TEMPLATE), *answers]
        subprocess.run(command, check=True, capture_output=True)
        yield Project(path)


def load() -> float:
    return os.getloadavg()[0]


def run(row: Row, project: Project) -> Result:
    start = time.monotonic()
    print(f"{row.name} …", end=" ", file=sys.stderr, flush=True)
    result = asyncio.run(row.measure(project))
    print(f"{verdict(result)}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return result


def verdict(result: Result) -> str:
    return "met" if result.met else "MISSED"


def table(results: list[tuple[Row, float, Result]]) -> Iterator[str]:
    """Return the table in Markdown."""
    yield "| row | target | measured | load | |"
    yield "|---|---|---|---|---|"
    for row, busy, result in results:
        yield f"| {row.case} | {row.target} | {result.measured} | {busy:.1f} | {verdict(result)} |"


if __name__ == "__main__":
    main()
