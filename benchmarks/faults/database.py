"""Failures of PostgreSQL: 503 in bounded time, recovery soon after, and no loss."""

import asyncio
import time
from contextlib import suppress

from benchmarks.faults.bed import POOL, Bed, bed, until
from benchmarks.faults.client import CREATED, OK, Answer, Client, at_once, at_rate, longest, statuses, told
from benchmarks.faults.row import Result, Row
from benchmarks.served import Project

READS, WRITES = 100, 30
"""Requests a second."""

REQUEST_TIMEOUT = 10.0
"""Seconds (`ApiSettings.request_timeout`)."""

CLIENTS = 60
RETURNED = 5.0
RECOVERED = 1.0


async def _load(app: Client, path: str, seconds: float) -> tuple[list[Answer], dict[str, Answer]]:
    """Send reads and writes; return the reads, and the writes by the names of their items."""
    names: list[str] = []

    async def read(_: int) -> Answer:
        return await app.get(path)

    async def write(number: int) -> Answer:
        names.append(f"Written {number}")
        return await app.make(names[-1])

    reads, writes = await asyncio.gather(at_rate(read, READS, seconds), at_rate(write, WRITES, seconds))
    return reads, dict(zip(names, writes, strict=True))


def _lost(servers: Bed, writes: dict[str, Answer]) -> int:
    """Return the number of acknowledged writes that are not in the database."""
    stored = set(servers.sql("SELECT name FROM items").splitlines())
    return len({name for name, answer in writes.items() if answer.status == CREATED} - stored)


def _failed(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status not in {OK, CREATED}]


async def reset(project: Project) -> Result:
    with bed(project) as servers, servers.serving() as app:
        path = await app.new_item()
        await at_once(lambda _: app.get(path), 2 * POOL)  # opens all connections
        load = asyncio.ensure_future(_load(app, path, 4))
        await asyncio.sleep(1.5)
        await asyncio.to_thread(servers.terminate_connections)
        terminated = time.monotonic()
        reads, writes = await load
        lost = _lost(servers, writes)
    answers = [*reads, *writes.values()]
    failed = _failed(answers)
    recovery = max((answer.began for answer in failed), default=terminated) - terminated
    return Result(
        f"{told(answers)}, recovered in {max(0.0, recovery):.1f} s, {lost} lost",
        len(failed) <= POOL and set(statuses(failed)) <= {503} and recovery <= RECOVERED and not lost,
    )


async def restarted(project: Project) -> Result:
    with bed(project) as servers, servers.serving() as app:
        servers.sql("ALTER SYSTEM SET synchronous_commit = on")  # as in production; the project's tests switch it off
        path, data = await app.new_item(), servers.data
        load = asyncio.ensure_future(_load(app, path, 7))
        try:
            await asyncio.sleep(1.5)
            await asyncio.to_thread(servers.pg_ctl, "restart", data)
            accepts = time.monotonic()
            reads, writes = await load
            lost = _lost(servers, writes)
        finally:
            await asyncio.to_thread(servers.pg_ctl, "stop", data)
    answers = [*reads, *writes.values()]
    recovery = max((answer.began for answer in _failed(answers)), default=accepts) - accepts
    return Result(
        f"{told(answers)}, recovered in {max(0.0, recovery):.1f} s, {lost} lost",
        set(statuses(_failed(answers))) <= {503} and recovery <= RECOVERED and not lost,
    )


async def black_holed(project: Project) -> Result:
    with bed(project) as servers, servers.serving() as app:
        path = await app.new_item()
        await at_once(lambda _: app.get(path), 2 * POOL)
        servers.database.command("black_hole")
        reads, writes = await _load(app, path, 6)
        answers = [*reads, *writes.values()]
        returned = until(lambda: app.in_use() == 0, seconds=RETURNED)
        left = app.in_use()
        servers.database.command("forward")
        again = await _recovery(app, path)
    return Result(
        f"{told(answers)}, the longest {longest(answers):.1f} s; {left} lent out; served again after {again:.1f} s",
        set(statuses(answers)) <= {200, 201, 503}
        and longest(answers) <= REQUEST_TIMEOUT
        and returned <= RETURNED
        and not left,
    )


async def _recovery(app: Client, path: str) -> float:
    """Return the seconds until it serves again."""
    start = time.monotonic()
    while time.monotonic() - start < REQUEST_TIMEOUT:
        answer = await app.get(path)
        if answer.status == OK:
            break
    return time.monotonic() - start


async def disconnects(project: Project) -> Result:
    with bed(project) as servers, servers.serving() as app:
        path = await app.new_item()
        with servers.lock("ACCESS EXCLUSIVE", 20):
            sent = await asyncio.gather(*(app.send("GET", path) for _ in range(CLIENTS)))
            await asyncio.sleep(0.3)
            during = app.in_use()
            for request in sent:
                request.leave()
            await asyncio.sleep(0)
            seconds = await asyncio.to_thread(until, lambda: app.in_use() == 0, seconds=RETURNED)
    with suppress(OSError):
        await asyncio.gather(*(request.writer.wait_closed() for request in sent))
    return Result(
        f"{during} lent out as they leave, 0 after {seconds:.1f} s"
        if seconds <= RETURNED
        else "some are never returned",
        during > 0 and seconds <= RETURNED,
    )


ROWS = (
    Row(
        "database-reset",
        "connections to PostgreSQL are terminated under load",
        f"at most {POOL} × 503 and no other error, recovery within {RECOVERED:.0f} s, 0 acknowledged writes lost",
        reset,
    ),
    Row(
        "database-restart",
        "PostgreSQL is restarted under load",
        f"only 503, recovery within {RECOVERED:.0f} s after it accepts, 0 acknowledged writes lost",
        restarted,
    ),
    Row(
        "database-black-hole",
        "PostgreSQL is black-holed",
        f"each request answered within {REQUEST_TIMEOUT:.0f} s, 0 connections lent out",
        black_holed,
    ),
    Row(
        "disconnects",
        f"{CLIENTS} clients disconnect in the middle of a query",
        f"0 connections lent out {RETURNED:.0f} s later",
        disconnects,
    ),
)
