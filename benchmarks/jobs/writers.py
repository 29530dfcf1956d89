"""Rows of 16 writers: what a job takes from the rate of their commits, on a server with production settings."""

import asyncio
import os
import random
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .bed import Bed, cpu_of_server, parent_of
from .declared import development, of, prepare
from .servers import durable, migrated

SECONDS, ROUNDS = 2, 15
"""Seconds of each measurement. The load of the machine changes meanwhile, so a share is the median over the rounds."""

ROW = "INSERT INTO business(key) VALUES (gen_random_uuid()::text);"
PAYLOAD = '{"id":"0194b2a4-6d3e-7c51-9f0a-2f9c52f4a1b7"}'
VALUES = ("'bench.nothing'", "0", f"'{PAYLOAD}'", "'0'", "NULL", '\'{"request_id":"01a21bfe-a725-73e5"}\'')


@dataclass(frozen=True)
class Measured:
    """Commits of one script: their rate, and the server's processor time for each, which depends less on other load."""

    rate: float
    cpu: float


async def writers(bed: Bed) -> tuple[str, bool]:
    """Commits of 16 writers: what a job costs, and what one more statement or one more row would cost."""
    del bed
    job = f"{ROW}{enqueue()};"
    scripts = {
        "row": ROW,
        "empty statement": f"{ROW}SELECT 1;",
        "second row": ROW * 2,
        "job": job,
        "job and notifications": job,
    }
    return await compared("writers", scripts)


async def slow_disk(bed: Bed) -> tuple[str, bool]:
    """Commits of 16 writers on a disk that takes 2 ms longer for each flush, with a job, and with one that notifies."""
    del bed
    job = f"{ROW}{enqueue()};"
    in_each = f"{job}SELECT pg_notify('jobs', 'new');"
    scripts = {"row": ROW, "job and notifications": job, "job, and a notification in each commit": in_each}
    # Who flushes for a group of commits sleeps before it, as it would wait for a disk.
    return await compared("slow_disk", scripts, "commit_delay = 2000", "commit_siblings = 0")


def enqueue() -> str:
    statement = of("jobs.queue").ENQUEUE
    for number, value in enumerate(VALUES, 1):
        statement = statement.replace(f"${number}", value)
    return str(statement)


async def compared(server: str, scripts: dict[str, str], *settings: str) -> tuple[str, bool]:
    """Compare each script with that of the row; also True if a job with NOTIFY loses at most a fifth."""
    found: dict[str, list[Measured]] = {name: [] for name in scripts}
    with durable(server) as url:
        async with migrated(url) as other:
            await prepare(other)
            for setting in settings:
                await Bed(other).configure(f"ALTER SYSTEM SET {setting}")
            for _ in range(ROUNDS):
                for name, script in random.sample(list(scripts.items()), len(scripts)):
                    notifying = asyncio.create_task(notify(other)) if name.endswith("notifications") else None
                    found[name].append(await measure(other, url, script))
                    if notifying:
                        notifying.cancel()
    shares = {name: lost(found["row"], found[name]) for name in scripts if name != "row"}
    seen = "; ".join(f"{name}: {rate:.0%} fewer, {cpu:.0%} by processor time" for name, (rate, cpu) in shares.items())
    rate = statistics.median(each.rate for each in found["row"])
    return f"{rate:.0f}/s; {seen}", shares["job and notifications"][0] <= 0.2  # noqa: PLR2004


def lost(without: list[Measured], with_more: list[Measured]) -> tuple[float, float]:
    """Share of commits that is lost, by rate and by processor time: medians over the rounds."""
    pairs = list(zip(without, with_more, strict=True))
    return (
        statistics.median(1 - more.rate / less.rate for less, more in pairs),
        statistics.median(1 - less.cpu / more.cpu for less, more in pairs),
    )


async def notify(resources: Any) -> None:  # noqa: ANN401
    """Notify as a process that enqueues all the time."""
    notifier = of("jobs.queue").Notifier(resources.reader.connect)
    try:
        while True:
            await notifier.notify()
            await asyncio.sleep(0.001)
    finally:
        await notifier.close()


async def measure(resources: Any, url: str, script: str) -> Measured:  # noqa: ANN401
    async with resources.reader.connect() as connection:
        await connection.execute("TRUNCATE business, jobs.pgqueuer")
        postmaster = parent_of(await connection.fetchval("SELECT pg_backend_pid()"))
    return await asyncio.to_thread(commit, url, script, postmaster)


def commit(url: str, script: str, postmaster: int) -> Measured:
    Path("script.sql").write_text(f"BEGIN;\n{script}\nCOMMIT;\n")
    pgbench = development("binaries").postgres_programs() / "pgbench"
    parts = urlsplit(url)
    command = [pgbench, "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", str(SECONDS), "-f", "script.sql"]
    command += ["-h", parts.hostname, "-p", str(parts.port), "-U", parts.username, "postgres"]
    env = {**os.environ, "PGPASSWORD": parts.password or ""}
    before = cpu_of_server(postmaster)
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    used = cpu_of_server(postmaster) - before
    commits = int(printed.partition("actually processed: ")[2].split()[0])
    return Measured(float(printed.partition("tps = ")[2].split()[0]), used / commits)
