"""Programs that the project's Python runs: the rows, a worker, a writer that is killed, or a server.

PACKAGE names its package.
"""

import asyncio
import sys

from sqlalchemy import text

from .bed import Bed, Row
from .costs import enqueue_cost, idle, latency, throughput
from .declared import declare, of, opened, prepare, transaction
from .faults import (
    blocked,
    commits,
    cut,
    frozen,
    killed,
    killed_and_restarted,
    killed_often,
    poison,
    read_only,
    stopped,
    ticks,
    write,
)
from .requests import requests, serve
from .servers import failed_over, restarted
from .writers import slow_disk, writers

CLEAN = "TRUNCATE runs, business, jobs.pgqueuer, jobs.pgqueuer_log, jobs.pgqueuer_schedules"


ROWS: tuple[Row, ...] = (
    commits, killed, killed_and_restarted, killed_often, frozen, cut, restarted, read_only, failed_over, stopped,
    poison, blocked, ticks, throughput, latency, enqueue_cost, writers,
    slow_disk, requests, idle,
)  # fmt: skip


async def measure(names: list[str]) -> bool:
    async with opened() as resources:
        await prepare(resources)
        good = True
        for row in ROWS:
            if names and row.__name__ not in names:
                continue
            async with transaction(resources) as tx:
                await tx.execute(text(CLEAN))
            bed = Bed(resources)
            try:
                seen, met = await row(bed)
            finally:
                bed.end()
            print(f"| {row.__name__} | {row.__doc__} | {seen} | {'yes' if met else '**no**'} |", flush=True)
            good &= met
    return good


async def write_for_ever() -> None:
    async with opened() as resources:
        await write(resources)


def main(mode: str, *names: str) -> int:
    if mode in {"serve", "serve_without_jobs"}:  # the project's own features
        serve(with_jobs=mode == "serve")
        return 0
    declare()
    if mode == "worker":
        sys.argv[1:] = ["worker"]
        of("cli").main()
    elif mode == "writer":
        asyncio.run(write_for_ever())
    else:
        print("| row | what | seen | target met |\n| --- | --- | --- | --- |", flush=True)
        return 0 if asyncio.run(measure(list(names))) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
