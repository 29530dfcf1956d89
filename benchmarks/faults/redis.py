"""Failures of Redis: cached values are computed without it, and rate-limited requests are refused."""

import asyncio
import time

from benchmarks.faults.bed import bed
from benchmarks.faults.client import CREATED, Answer, at_rate, p99, statuses, told
from benchmarks.faults.row import Result, Row
from benchmarks.served import Project

SECONDS = 3.0
READS, WRITES = 100, 10
"""Requests a second."""

ADDED_MS = 150


async def black_holed(project: Project) -> Result:
    return await _measure(project, "black_hole")


async def refusing(project: Project) -> Result:
    return await _measure(project, "refuse")


async def _measure(project: Project, fault: str) -> Result:
    with bed(project) as servers, servers.serving() as app:

        async def summary(_: int) -> Answer:
            return await app.get("/items/summary")

        async def write(number: int) -> Answer:
            return await app.make(f"{fault} {number}")

        await at_rate(summary, READS, 1)  # warms up
        before = await at_rate(summary, READS, SECONDS)
        servers.redis.command(fault)
        began = time.monotonic()
        reads, writes = await asyncio.gather(at_rate(summary, READS, SECONDS), at_rate(write, WRITES, SECONDS))
        over = began + SECONDS
        servers.redis.command("forward")
    # A rate-limited write waits for Redis, and may be accepted as soon as Redis is back.
    writes = [answer for answer in writes if answer.ended < over or answer.status != CREATED]
    added = round(1000 * (p99(reads) - p99(before)))
    fails_open = set(statuses([*before, *reads])) == {200}
    fails_closed = set(statuses(writes)) == {503}
    return Result(
        f"cached: {told(reads)}, p99 {1000 * p99(before):.0f} {added:+} ms; limited: {told(writes)}",
        fails_open and fails_closed and added <= ADDED_MS,
    )


TARGET = f"cached: only 200, p99 at most +{ADDED_MS} ms; limited: only 503"

ROWS = (
    Row("redis-black-hole", f"Redis is black-holed for {SECONDS:.0f} s", TARGET, black_holed),
    Row("redis-refuses", f"Redis refuses for {SECONDS:.0f} s", TARGET, refusing),
)
