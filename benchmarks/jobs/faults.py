"""Rows about faults: lost jobs, repeated jobs, and times."""

import asyncio
import json
import os
import random
import signal
import time
from contextlib import suppress
from typing import Any

from sqlalchemy import text

from .bed import DEAD, EMPTY, Bed, children_of, parent_of
from .declared import Jobs, Note, block, crash, ignore, misfit, sleep, transaction

ROWS = 3_000
"""Commits by the writers of the first row. A third of them have no job; the writers roll back a third as many."""

JOBS = 1_000

TICKS = """
    FROM (
        SELECT min(created) AS at FROM jobs.pgqueuer_log
        WHERE entrypoint = 'bench.tick' AND status = 'picked' GROUP BY job_id
    ) AS ticks
"""
"""One row for each cron job, with the time of its first start."""


async def commits(bed: Bed) -> tuple[str, bool]:
    """Writers that commit, roll back, roll back to a savepoint, or enqueue first, killed at random."""
    while await bed.ask("SELECT count(*) FROM business") < ROWS:
        writers = [bed.spawn("writer") for _ in range(3)]
        for writer in writers:
            await bed.until(f"EXISTS (SELECT FROM business WHERE key LIKE '{writer.pid}-%')")
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311
            bed.kill(writer)
    await asyncio.sleep(0.5)  # statements that the server had begun
    wanted = {row.key for row in await bed.rows("SELECT key FROM business WHERE has_job")}
    stored = await bed.rows("SELECT payload FROM jobs.pgqueuer")
    found = {json.loads(row.payload)["key"] for row in stored}
    kills = len(bed.workers)
    return f"{len(wanted)} jobs, {kills} kills: {len(wanted ^ found)} wrong", wanted == found and len(found) == len(
        stored
    )


async def write(resources: Any) -> None:  # noqa: ANN401
    """Write for ever, in four ways in turn: commit, roll back, and so on."""
    row = text("INSERT INTO business VALUES (:key, :has_job)")
    for number in range(1_000_000):
        key = f"{os.getpid()}-{number}"
        with suppress(LookupError):
            async with transaction(resources) as tx:
                jobs = Jobs(tx, resources)
                if number % 4 == 0:
                    await tx.execute(row, {"key": key, "has_job": True})
                    await jobs.enqueue(sleep, Note(key=key))
                elif number % 4 == 1:
                    await jobs.enqueue(sleep, Note(key=key))
                    raise LookupError
                elif number % 4 == 2:  # noqa: PLR2004
                    async with tx.begin_nested() as savepoint:
                        await jobs.enqueue(sleep, Note(key=key))
                        await savepoint.rollback()
                    await tx.execute(row, {"key": key, "has_job": False})
                else:
                    await jobs.enqueue(sleep, Note(key=key))
                    await tx.execute(row, {"key": key, "has_job": True})


async def killed(bed: Bed) -> tuple[str, bool]:
    """The job of a worker that is killed, another one waiting."""
    both = [await bed.up(), await bed.up()]
    await bed.put(sleep, key="k", seconds=4)
    await bed.until(bed.ran("start", "k"))
    pid = await bed.ask("SELECT pid FROM runs WHERE what = 'start' AND key = 'k'")
    bed.kill(next(worker for worker in both if worker.pid == pid))
    seconds = await bed.until(bed.ran("start", "k", 2))
    return f"again after {seconds:.1f} s", seconds <= 12  # noqa: PLR2004


async def killed_and_restarted(bed: Bed) -> tuple[str, bool]:
    """The same worker, alone, and started again after a second."""
    first = await bed.up()
    await bed.put(sleep, key="k", seconds=4)
    await bed.until(bed.ran("start", "k"))
    bed.kill(first)
    began = time.monotonic()
    await asyncio.sleep(1)
    bed.spawn()
    seconds = await bed.until(bed.ran("start", "k", 2))
    seconds = time.monotonic() - began if seconds < float("inf") else seconds
    return f"again after {seconds:.1f} s", seconds <= 12  # noqa: PLR2004


async def killed_often(bed: Bed) -> tuple[str, bool]:
    """1,000 jobs, two workers that are killed by turns."""
    for number in range(JOBS):
        await bed.put(sleep, key=f"job-{number}", seconds=0.2)
    workers = [bed.spawn(), bed.spawn()]
    kills = 0
    while not await bed.ask(f"SELECT {EMPTY}") and kills < 30:  # noqa: PLR2004
        await asyncio.sleep(random.uniform(2, 5))  # noqa: S311
        bed.kill(workers.pop(0))
        workers.append(bed.spawn())
        kills += 1
    await bed.until(EMPTY)
    done = await bed.ask("SELECT count(DISTINCT key) FROM runs WHERE what = 'end' AND key LIKE 'job-%'")
    twice = await bed.ask("SELECT count(*) FROM runs WHERE what = 'start' AND key LIKE 'job-%'") - JOBS
    return (
        f"{JOBS - done} lost, {await bed.ask(f'SELECT {DEAD}')} dead, {twice} runs again, {kills} kills",
        done == JOBS,
    )


async def frozen(bed: Bed) -> tuple[str, bool]:
    """PostgreSQL stopped for 20 s, jobs of 3 s running."""
    await bed.up()
    for number in range(5):
        await bed.put(sleep, key=f"f-{number}", seconds=3)
    await bed.until("(SELECT count(*) >= 5 FROM runs WHERE key LIKE 'f-%')")
    backend = await bed.ask("SELECT pg_backend_pid()")
    postmaster = parent_of(backend)
    pids = [postmaster, *children_of(postmaster)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(20)
    for pid in reversed(pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    await bed.put(sleep, key="after")
    next_job = await bed.until(bed.ran("end", "after"))
    await bed.until(EMPTY, 60)
    ends = await bed.ask("SELECT count(DISTINCT key) FROM runs WHERE what = 'end' AND key LIKE 'f-%'")
    stuck = await bed.ask("SELECT count(*) FROM jobs.pgqueuer")
    return f"{5 - ends} lost, {stuck} stuck, next job after {next_job:.1f} s", (ends, stuck) == (5, 0)


async def cut(bed: Bed) -> tuple[str, bool]:
    """All connections ended three times, as by a restart, jobs of 6 s running."""
    await bed.up()
    for number in range(5):
        await bed.put(sleep, key=f"c-{number}", seconds=6)
    await bed.until("(SELECT count(*) >= 5 FROM runs WHERE key LIKE 'c-%')")
    for _ in range(3):
        with suppress(Exception):
            await bed.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        await asyncio.sleep(1)
    while True:
        with suppress(Exception):
            await bed.put(sleep, key="after")
            break
    next_job = await bed.until(bed.ran("end", "after"))
    await bed.until(EMPTY, 60)
    starts = await bed.ask("SELECT count(*) FROM runs WHERE what = 'start' AND key LIKE 'c-%'")
    ends = await bed.ask("SELECT count(DISTINCT key) FROM runs WHERE what = 'end' AND key LIKE 'c-%'")
    return f"{5 - ends} lost, {starts - 5} runs again, next job after {next_job:.1f} s", ends == 5  # noqa: PLR2004


async def read_only(bed: Bed) -> tuple[str, bool]:
    """PostgreSQL read-only for 20 s, as a primary that became a standby, jobs of 6 s running."""
    await bed.up()
    await put_five(bed, "o")
    await bed.configure("ALTER SYSTEM SET default_transaction_read_only = on")
    await asyncio.sleep(20)
    await bed.configure("ALTER SYSTEM RESET default_transaction_read_only")
    return await outcome(bed, "o")


async def put_five(bed: Bed, letter: str) -> None:
    for number in range(5):
        await bed.put(sleep, key=f"{letter}-{number}", seconds=6)
    await bed.until(f"(SELECT count(*) >= 5 FROM runs WHERE key LIKE '{letter}-%')")  # noqa: S608


async def outcome(bed: Bed, letter: str) -> tuple[str, bool]:
    """Measure the result for these jobs, and for one that is enqueued as soon as possible."""
    began = time.monotonic()
    while True:
        with suppress(Exception):
            await bed.put(sleep, key="after")
            break
        await asyncio.sleep(0.1)
    await bed.until(bed.ran("end", "after"))
    next_job = time.monotonic() - began
    await bed.until(EMPTY, 60)
    begun = f"SELECT count(*) FROM runs WHERE what = 'start' AND key LIKE '{letter}-%'"  # noqa: S608
    starts = await bed.ask(begun)
    done = f"SELECT count(DISTINCT key) FROM runs WHERE what = 'end' AND key LIKE '{letter}-%'"  # noqa: S608
    ends = await bed.ask(done)
    stuck = await bed.ask("SELECT count(*) FROM jobs.pgqueuer")
    seen = f"{5 - ends} lost, {stuck} stuck, {starts - 5} runs again, next job after {next_job:.1f} s"
    return seen, (ends, stuck) == (5, 0)


async def stopped(bed: Bed) -> tuple[str, bool]:
    """SIGTERM, grace 3 s, jobs of 2 and of 30 s; another worker is there."""
    first = await bed.up()
    await bed.put(sleep, key="short", seconds=2)
    await bed.put(sleep, key="long", seconds=30)
    await bed.until(f"{bed.ran('start', 'short')} AND {bed.ran('start', 'long')}")
    await bed.up()
    began = time.monotonic()
    first.send_signal(signal.SIGTERM)
    await asyncio.to_thread(first.wait)
    ended = time.monotonic() - began
    await bed.until(bed.ran("start", "long", 2))
    over = time.monotonic() - began
    short = await bed.ask("SELECT count(*) FROM runs WHERE key = 'short'")
    return f"exit after {ended:.1f} s, long job elsewhere after {over:.1f} s", ended <= 4 and over <= 5 and short == 2  # noqa: PLR2004


async def poison(bed: Bed) -> tuple[str, bool]:
    """A job that kills its worker (3 attempts), one that ignores its cancellation (2), a payload that does not fit."""
    for job in (crash, ignore, misfit):
        await bed.put(job, key=job.name, seconds=20)
    began = time.monotonic()
    worker = bed.spawn()
    while await bed.ask(f"SELECT {DEAD}") < 3 and time.monotonic() - began < 120:  # noqa: PLR2004
        await asyncio.sleep(0.2)
        if worker.poll() is not None:
            worker = bed.spawn()
    dead = await bed.ask(f"SELECT {DEAD}")
    seconds = time.monotonic() - began
    await bed.put(sleep, key="others")
    others = await bed.until(bed.ran("end", "others"))
    crashes = await bed.ask("SELECT count(*) FROM runs WHERE key = 'bench.crash'")
    good = (dead, crashes) == (3, 3) and others < 10  # noqa: PLR2004
    return f"{dead} of 3 dead after {seconds:.0f} s, {crashes} crashes; next job {others:.1f} s", good


async def blocked(bed: Bed) -> tuple[str, bool]:
    """The event loop of a worker blocked for 11 s, another one is there."""
    await bed.up()
    await bed.up()
    await bed.put(block, key="b", seconds=11)
    await bed.until(bed.ran("start", "b"))
    await bed.put(sleep, key="others")
    others = await bed.until(bed.ran("end", "others"))
    await bed.until(f"{bed.ran('end', 'b')} AND {EMPTY}")
    starts = await bed.ask("SELECT count(*) FROM runs WHERE key = 'b' AND what = 'start'")
    return f"others after {others:.1f} s; the job ran {starts} times", others <= 12  # noqa: PLR2004


async def ticks(bed: Bed) -> tuple[str, bool]:
    """A cron of each second, two workers, one killed and started again."""
    seconds = float(os.environ["CRON_SECONDS"])
    first, _ = await bed.up(CRON=1), await bed.up(CRON=1)
    begun = await bed.ask(f"SELECT count(*) {TICKS}")
    await asyncio.sleep(seconds / 2)
    bed.kill(first)
    bed.spawn(CRON=1)
    await asyncio.sleep(seconds / 2)
    same = await bed.ask(f"SELECT count(*) - count(DISTINCT date_trunc('second', at)) {TICKS}")
    gaps = f"SELECT extract(epoch FROM at - lag(at) OVER (ORDER BY at)) AS gap {TICKS}"  # noqa: S608
    gap = await bed.ask(f"SELECT max(gap) FROM ({gaps}) AS gaps")  # noqa: S608
    count = await bed.ask(f"SELECT count(*) {TICKS}") - begun
    return f"{count} in {seconds:.0f} s, {same} twice, longest gap {gap:.2f} s", same == 0 and gap <= 2  # noqa: PLR2004
