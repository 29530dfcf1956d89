"""Accounts: what the time of a login reveals, pauses of the event loop, and the cost of a request with a login.

    uv run python -m benchmarks.identity PROJECT [--only ROW ...]

PROJECT has the options `auth=session` or `auth=jwt`, and `example`. Prints a table in Markdown. Its exit code is 1 if a
target is missed. Times need a quiet machine; the last row is processor time, which needs less of it.
"""

import argparse
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeAlias

from benchmarks.request_cost import ratios
from benchmarks.served import Project, running

PORT = 18083
EMAIL, PASSWORD = "grace@example.org", "tweed-oboe-lantern-41"

ATTEMPTS = 100
DIFFERENCE = 5.0
"""Milliseconds between the medians of a login to a known and to an unknown address."""

LOGINS, SECONDS = 20, 10.0
PAUSE = 10.0
"""Milliseconds that the event loop may be late, at the 99th percentile."""

COSTS = {"session": 4.0, "jwt": 4.8}
"""Processor time of an authenticated `GET /items/{id}`, relative to bare ASGI and asyncpg, by the option `auth`."""

REGISTER = """
import asyncio
from {package}.db.transaction import transaction
from {package}.features import open_app, settings_class
from {package}.passwords.hasher import Passwords
from {package}.users.models import User

async def register() -> None:
    async with open_app(settings_class()()) as resources:
        hashed = await resources[Passwords].hash("{password}")
        async with transaction(resources) as tx:
            tx.add(User(email="{email}", password_hash=hashed))

asyncio.run(register())
"""
"""Program that makes a user with a password."""

SERVE = """
import asyncio, json, os, sys, time
import uvicorn
from {package}.app import create_app
from {package}.features import settings_class

async def serve() -> None:
    config = uvicorn.Config(create_app(settings_class()()), port=int(sys.argv[-1]), log_config=None, access_log=False)
    server, late = uvicorn.Server(config), []
    serving = asyncio.create_task(server.serve())
    scheduler = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    while not server.should_exit:
        due, waited = time.monotonic() + 0.001, int(os.pread(scheduler, 100, 0).split()[1])
        await asyncio.sleep(0.001)
        seconds = time.monotonic() - due
        late.append((due, seconds, seconds - (int(os.pread(scheduler, 100, 0).split()[1]) - waited) / 1e9))
    with open(sys.argv[1], "w") as file:
        json.dump(late, file)
    await serving  # which ends with the signal, again

asyncio.run(serve())
"""
"""Program that serves the project, and writes at which time its event loop was how late.

It also writes the lateness without the time in which the operating system let other threads run.
"""


@dataclass(frozen=True)
class Bed:
    project: Project
    environment: dict[str, str]

    @contextmanager
    def served(self, late: Path) -> Iterator[None]:
        program = SERVE.format(package=self.project.package)
        command = [self.project.program("python"), "-c", program, str(late)]
        with running(command, port=PORT, cwd=late.parent, env=self.environment):
            yield


Row: TypeAlias = Callable[[Bed], tuple[str, bool]]

_addresses = itertools.count(1)


def log_in(email: str, password: str) -> tuple[int, str, float]:
    """Return the status, the body without the request's id, and the milliseconds.

    Each request is from another address, because the number of attempts from one is limited.
    """
    number = next(_addresses)
    headers = {"Content-Type": "application/json", "X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
    body = json.dumps({"email": email, "password": password, "transport": "bearer"})
    connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        connection.connect()
        began = time.perf_counter()
        connection.request("POST", "/auth/login", body, headers)
        answer = connection.getresponse()
        content = answer.read().decode()
        milliseconds = (time.perf_counter() - began) * 1000
    finally:
        connection.close()
    request_id = answer.getheader("X-Request-ID") or "-"
    shown = sorted(f"{name}: {value}" for name, value in answer.getheaders() if name.lower() != "date")
    return answer.status, f"{shown} {content}".replace(request_id, ""), milliseconds


def enumeration(bed: Bed) -> tuple[str, bool]:
    """Login with a wrong password: medians of a known and an unknown address, in turns, and the same bytes."""
    times: dict[str, list[float]] = {EMAIL: [], "nobody@example.org": []}
    answers = set()
    with tempfile.TemporaryDirectory() as folder, bed.served(Path(folder) / "late"):
        for _ in range(ATTEMPTS):
            for email, taken in times.items():
                status, answer, milliseconds = log_in(email, "wrong-" + PASSWORD)
                answers.add((status, re.sub(email, "", answer)))
                taken.append(milliseconds)
    known, unknown = map(statistics.median, times.values())
    statuses = sorted({status for status, _ in answers})
    seen = f"known {known:.1f} ms, unknown {unknown:.1f} ms, {len(answers)} different answers, status {statuses}"
    return seen, abs(known - unknown) <= DIFFERENCE and len(answers) == 1 and statuses == [401]


def loop(bed: Bed) -> tuple[str, bool]:
    """Lateness of the event loop at the 99th percentile with 20 logins at once, apart from waits for a processor."""

    def log_in_often(until: float) -> list[int]:
        statuses = []
        while time.monotonic() < until:
            statuses.append(log_in(EMAIL, PASSWORD)[0])
        return statuses

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "late"
        with bed.served(file), ThreadPoolExecutor(LOGINS) as threads:
            log_in(EMAIL, PASSWORD)
            began = time.monotonic()
            time.sleep(SECONDS / 2)
            busy = time.monotonic()
            found = threads.map(log_in_often, [busy + SECONDS] * LOGINS)
            statuses = list(itertools.chain.from_iterable(found))
            ended = time.monotonic()
        late = json.loads(file.read_text())
    idle, _ = percentiles([times for due, *times in late if began <= due < busy])
    whole, under = percentiles([times for due, *times in late if busy <= due < ended])
    good = statuses.count(201)
    seen = f"p99 {under:.1f} ms; with these waits {whole:.1f} ms, {idle:.1f} ms before the logins"
    return f"{seen}; {good} of {len(statuses)} logins in {SECONDS:g} s", under <= PAUSE and good > LOGINS


def percentiles(lateness: list[list[float]]) -> list[float]:
    """Return the 99th percentile of each column, in milliseconds."""
    return [statistics.quantiles(column, n=100)[98] * 1000 for column in zip(*lateness, strict=True)]


def cost(bed: Bed) -> tuple[str, bool]:
    """Processor time of an authenticated `GET /items/{id}`, relative to bare ASGI and asyncpg."""
    folder = bed.project.path / "src" / bed.project.package / "auth"
    (method,) = (name for name in COSTS if (folder / name).exists())
    single, several = ratios(bed.project, bed.environment)
    target = COSTS[method]
    return f"{method}: {single:.2f}×, of at most {target:.1f}×; a list {several:.2f}×", single <= target


ROWS: tuple[Row, ...] = (enumeration, loop, cost)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--only", nargs="+", default=[row.__name__ for row in ROWS], metavar="ROW", help="rows to run")
    arguments = parser.parse_args()
    project = Project(arguments.project.resolve())
    good = True
    with project.servers() as environment:
        program = REGISTER.format(package=project.package, email=EMAIL, password=PASSWORD)
        subprocess.run(
            [project.program("python"), "-c", program], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        bed = Bed(project, environment)
        for row in ROWS:
            if row.__name__ in arguments.only:
                seen, met = row(bed)
                print(f"| {row.__name__} | {row.__doc__} | {seen} | {'yes' if met else '**no**'} |", flush=True)
                good &= met
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
