"""Rows about cost: rates, times, and the load of processor and database."""

import asyncio
import statistics
import time

from sqlalchemy import text

from .bed import EMPTY, Bed, cpu_of
from .declared import Jobs, Note, nothing, sleep, transaction


async def throughput(bed: Bed) -> tuple[str, bool]:
    """10,000 jobs that do nothing, one worker, 50 at once."""
    async with transaction(bed.resources) as tx:
        jobs = Jobs(tx, bed.resources)
        for _ in range(10_000):
            await jobs.enqueue(nothing, Note())
    worker = bed.spawn(JOBS_CONCURRENCY=50)
    await bed.until("(SELECT count(*) < 10000 FROM jobs.pgqueuer)")
    cpu, left = cpu_of(worker.pid), await bed.ask("SELECT count(*) FROM jobs.pgqueuer")
    seconds = await bed.until(EMPTY)
    rate, each = left / seconds, (cpu_of(worker.pid) - cpu) / left * 1000
    done = await bed.ask("SELECT count(*) FROM jobs.pgqueuer_log WHERE status = 'successful'")
    good = rate >= 1_000 and each <= 1 and done == 10_000  # noqa: PLR2004
    return f"{rate:.0f}/s, {each:.2f} ms of processor time each, {done} done", good


async def latency(bed: Bed) -> tuple[str, bool]:
    """From the commit to the start of a job, idle worker."""
    await bed.up()
    for number in range(200):
        await asyncio.sleep(0.05)
        async with transaction(bed.resources) as tx:
            await tx.execute(text("INSERT INTO runs (what, key) VALUES ('put', :key)"), {"key": f"l-{number}"})
            await Jobs(tx, bed.resources).enqueue(sleep, Note(key=f"l-{number}"))
    await bed.until(EMPTY)
    gaps = """
        SELECT extract(epoch FROM started.at - put.at) * 1000 FROM runs AS put JOIN runs AS started USING (key)
        WHERE put.what = 'put' AND started.what = 'start'
    """
    times = sorted(float(row[0]) for row in await bed.rows(gaps))
    p99 = times[int(len(times) * 0.99)]
    return f"p50 {statistics.median(times):.0f} ms, p99 {p99:.0f} ms", p99 <= 50  # noqa: PLR2004


async def enqueue_cost(bed: Bed) -> tuple[str, bool]:
    """Processor time that one enqueue adds to a transaction with one row."""

    async def measured(*, with_job: bool) -> float:
        began = time.process_time()
        for _ in range(300):
            async with transaction(bed.resources) as tx:
                await tx.execute(text("INSERT INTO runs (what) VALUES ('cost')"))
                if with_job:
                    await Jobs(tx, bed.resources).enqueue(nothing, Note())
        return (time.process_time() - began) / 300 * 1000

    pairs = [(await measured(with_job=False), await measured(with_job=True)) for _ in range(6)][1:]
    added = statistics.median(with_job - without for without, with_job in pairs)
    return f"{added:.2f} ms", added <= 1


async def idle(bed: Bed) -> tuple[str, bool]:
    """A worker without jobs, for 30 s."""
    worker = await bed.up()
    await asyncio.sleep(6)
    count = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    before, cpu = await bed.ask(count), cpu_of(worker.pid)
    await asyncio.sleep(30)
    used = (cpu_of(worker.pid) - cpu) / 30 * 100
    rate = (await bed.ask(count) - before - 1) / 30
    return f"{rate:.1f} transactions/s, {used:.1f} % of a core", rate <= 3 and used <= 2  # noqa: PLR2004
