"""Process of the server: its start, its end, its load and its limits."""

import asyncio
import json
import os
import signal
import subprocess
import time

from benchmarks import overload
from benchmarks.faults.bed import POOL, Application, Bed, bed, until
from benchmarks.faults.client import CREATED, Answer, Sent, at_once, longest, statuses, told
from benchmarks.faults.row import Measure, Result, Row
from benchmarks.served import Project

GRACE = 10.0
"""Seconds (`ApiSettings.shutdown_grace`)."""

WAITING = 250
WRITES, PROCESSES = 50, 3
CLIENTS, TTL = 500, 10.0
"""`TTL`: seconds for which the summary of the items is cached."""

MAX_PAGE, MAX_BODY, MIN_SECRET = 100, 1 << 20, 32


async def sigterm(project: Project) -> Result:
    """Send SIGTERM while requests wait for a slow database, and just after many more were sent."""
    with bed(project) as servers, servers.serving() as app:
        path = await app.new_item()
        await at_once(lambda _: app.get(path), 2 * POOL)
        servers.database.command("delay 0.3")
        at_work = await _send(app, path, POOL)
        await asyncio.sleep(0.1)
        waiting = await _send(app, path, WAITING)
        seconds, (*answers,) = await _terminate(app, [*at_work, *waiting])
    first, rest = answers[:POOL], answers[POOL:]
    return Result(
        f"at work: {told(first)}; sent just before: {told(rest)}; ended after {seconds:.1f} s",
        set(statuses(first)) == {200} and set(statuses(rest)) <= {200, 503} and seconds <= GRACE + 2,
    )


async def sigterm_black_holed(project: Project) -> Result:
    with bed(project) as servers, servers.serving() as app:
        path = await app.new_item()
        await at_once(lambda _: app.get(path), 2 * POOL)
        servers.database.command("black_hole")
        at_work = await _send(app, path, 2 * POOL)
        await asyncio.sleep(0.1)
        seconds, answers = await _terminate(app, at_work)
    return Result(
        f"{told(answers)}; ended after {seconds:.1f} s", set(statuses(answers)) == {503} and seconds <= GRACE + 2
    )


async def _send(app: Application, path: str, count: int) -> list[Sent]:
    return list(await asyncio.gather(*(app.send("GET", path) for _ in range(count))))


async def _terminate(app: Application, sent: list[Sent]) -> tuple[float, list[Answer]]:
    """Return the seconds until the process ended, and the responses."""
    app.process.send_signal(signal.SIGTERM)
    start = time.monotonic()
    answers = asyncio.gather(*(request.answer() for request in sent))
    try:
        await asyncio.to_thread(app.process.wait, 3 * GRACE)
    except subprocess.TimeoutExpired:
        app.process.kill()
    return time.monotonic() - start, await answers


async def cold_writes(project: Project) -> Result:
    answers: list[Answer] = []
    with bed(project) as servers:
        for process in range(PROCESSES):
            with servers.serving() as app:
                names = [f"Written {process} {number}" for number in range(WRITES)]
                answers += await asyncio.gather(*(app.make(name) for name in names))
    return Result(f"{told(answers)}, the longest {longest(answers):.1f} s", set(statuses(answers)) == {CREATED})


async def stampede(project: Project) -> Result:
    with bed(project) as servers, servers.serving("--workers", "2") as app:
        path = await app.new_item()
        await at_once(lambda _: app.get("/items/summary"), 2 * POOL)
        await at_once(lambda _: app.get(path), 10 * POOL)  # opens all connections of both
        await asyncio.sleep(TTL)
        servers.database.command("delay 0.05")  # long enough for all requests to arrive during the load
        servers.sql("ALTER SYSTEM SET log_statement = 'all'")
        servers.sql("SELECT pg_reload_conf()")
        await asyncio.sleep(0.3)
        answers = await at_once(lambda _: app.get("/items/summary"), CLIENTS)
        log = (servers.data.parent / "log").read_text()
    loads = log.lower().count("from items")
    return Result(
        f"{loads} loads; {told(answers)}, the longest {longest(answers):.1f} s",
        loads <= 1 and set(statuses(answers)) <= {200, 503},
    )


async def bounds(project: Project) -> Result:
    def item(size: int) -> bytes:
        """Return an item of this many bytes, mostly padding."""
        return json.dumps({"name": "x", "price": "1.50"}).encode().ljust(size)

    with bed(project) as servers:
        with servers.serving() as app:
            found = {
                f"page of {MAX_PAGE}": ((await app.get(f"/items?limit={MAX_PAGE}")).status, {200}),
                f"page of {MAX_PAGE + 1}": ((await app.get(f"/items?limit={MAX_PAGE + 1}")).status, {422}),
                "body of 1 MiB": ((await app.ask("POST", "/items", item(MAX_BODY))).status, {201}),
                "body of 1 MiB + 1": ((await app.ask("POST", "/items", item(MAX_BODY + 1))).status, {413}),
                "/docs": ((await app.get("/docs")).status, {404}),
                "/openapi.json": ((await app.get("/openapi.json")).status, {404}),
            }
        found[f"secret of {MIN_SECRET - 1} bytes"] = await asyncio.to_thread(_start_with_weak_secret, servers), {2}
    wrong = [name for name, (seen, right) in found.items() if seen not in right]
    return Result(", ".join(f"{name}: {seen}" for name, (seen, _) in found.items()), not wrong)


def _start_with_weak_secret(servers: Bed) -> int:
    """Return the exit code of `serve`; 0 if it starts."""
    project = servers.project
    environment = {**servers.environment, "SECRET_KEY": os.urandom(MIN_SECRET).hex()[: MIN_SECRET - 1]}
    command = [project.program(project.command), "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=project.path, env=environment, stderr=subprocess.DEVNULL)
    if until(lambda: process.poll() is not None, seconds=GRACE) > GRACE:
        process.terminate()
    return process.wait()


def overloaded(case: overload.Case) -> Measure:
    async def measure(project: Project) -> Result:
        (measured,) = await asyncio.to_thread(lambda: list(overload.measure(project, "/items/{id}", [case])))
        return Result(
            f"goodput {measured.goodput:.0%}, p99 {measured.p99_ms:.0f} ms, {measured.answered:.0f} × 200 and "
            f"{measured.refused:.0f} × 503 a second, {measured.other:.0f} others",
            measured.met,
        )

    return measure


ROWS = (
    Row(
        "sigterm",
        "SIGTERM with requests in flight",
        f"100 % of them finish, end within {GRACE + 2:.0f} s",
        sigterm,
    ),
    Row(
        "sigterm-black-hole",
        "SIGTERM with PostgreSQL black-holed",
        f"100 % of them are answered, end within {GRACE + 2:.0f} s",
        sigterm_black_holed,
    ),
    Row("stampede", f"{CLIENTS} clients, one expired cache key, 2 processes", "at most 1 load", stampede),
    Row(
        "cold-writes",
        f"{WRITES} writes at once at a fresh process, {PROCESSES} times",
        "0 × 503",
        cold_writes,
    ),
    *(
        Row(
            f"overload-{case.name.split()[0]}",
            f"{case.times} times the capacity, {case.name}",
            f"goodput at least {case.goodput:.0%}, p99 at most {case.p99_ms} ms, only 200 and 503",
            overloaded(case),
        )
        for case in overload.CASES
    ),
    Row(
        "bounds",
        "bounds in production",
        f"page at most {MAX_PAGE}, body at most 1 MiB, secret at least {MIN_SECRET} bytes, no docs",
        bounds,
    ),
)
