"""Row of 16 clients that create items: what the job of each takes from the rate of an application's commits."""

import asyncio
import json
import os
import random
import statistics
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from benchmarks.served import wait_for

from .bed import Bed, cpu_of, cpu_of_server, parent_of
from .declared import development, of
from .servers import durable, migrated

SECONDS, ROUNDS, PROCESSES, CLIENTS = 3, 12, 2, 16
LIMIT = 0.2
REQUEST = "POST /items HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nContent-Type: application/json\r\n\r\n{}"

ADDRESSES = (f"127.1.{number // 250}.{number % 250 + 1}" for number in count())
"""A new one for each client and measurement, since the route has a limit for each address."""


@dataclass(frozen=True)
class Measured:
    """Requests each second, and the processor time of the application and of its database for each."""

    rate: float
    application: float
    database: float

    @property
    def cpu(self) -> float:
        return self.application + self.database


async def requests(bed: Bed) -> tuple[str, bool]:
    """Items that 16 clients create over HTTP, with and without a job for each."""
    found: dict[bool, list[Measured]] = {True: [], False: []}
    with durable("requests") as url:
        async with migrated(url) as other:
            with served(bed, url, with_job=True) as having, served(bed, url, with_job=False) as lacking:
                processes = {True: having, False: lacking}
                for number in range(ROUNDS + 1):
                    for with_job in random.sample([True, False], 2):
                        measured = await measure(other, processes[with_job])
                        if number:  # the first is a warm-up
                            found[with_job].append(measured)
    pairs = list(zip(found[False], found[True], strict=True))
    rate = statistics.median(1 - more.rate / less.rate for less, more in pairs)
    cpu = statistics.median(1 - less.cpu / more.cpu for less, more in pairs)
    seen = f"{rate:.0%} fewer, {cpu:.0%} by processor time"
    for name, with_job in (("without", False), ("with a job", True)):
        mine = found[with_job]
        seen += f"; {name} {statistics.median(each.rate for each in mine):.0f}/s"
        seen += f", {statistics.median(each.application for each in mine) * 1000:.2f} ms of the application"
        seen += f" and {statistics.median(each.database for each in mine) * 1000:.2f} ms of PostgreSQL"
    return seen, rate <= LIMIT


@contextmanager
def served(bed: Bed, url: str, *, with_job: bool) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Serve the project by several processes, each on a port of its own."""
    ports = [development("process").free_port() for _ in range(PROCESSES)]
    mode = "serve" if with_job else "serve_without_jobs"
    processes = {port: bed.spawn(mode, PORT=port, DATABASE_URL=url) for port in ports}
    for port in ports:
        wait_for(port)
    try:
        yield processes
    finally:
        for process in processes.values():
            bed.kill(process)


def serve(*, with_jobs: bool) -> None:
    if not with_jobs:
        of("jobs.queue").Jobs.enqueue = do_not_enqueue
    of("serving").run(of("features").settings_class()(), host="127.0.0.1", port=int(os.environ["PORT"]), workers=1)


async def do_not_enqueue(*_: object, **__: object) -> None: ...


async def measure(resources: Any, processes: dict[int, subprocess.Popen[bytes]]) -> Measured:  # noqa: ANN401
    async with resources.reader.connect() as connection:
        await connection.execute("TRUNCATE items, jobs.pgqueuer")
        postmaster = parent_of(await connection.fetchval("SELECT pg_backend_pid()"))
    application = sum(cpu_of(process.pid) for process in processes.values())
    database, began = cpu_of_server(postmaster), time.monotonic()
    ports = list(processes) * (CLIENTS // PROCESSES)
    done = sum(await asyncio.gather(*(create(port, began + SECONDS) for port in ports)))
    seconds = time.monotonic() - began
    application = sum(cpu_of(process.pid) for process in processes.values()) - application
    return Measured(done / seconds, application / done, (cpu_of_server(postmaster) - database) / done)


async def create(port: int, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(next(ADDRESSES), 0))
    done = 0
    while time.monotonic() < until:
        body = json.dumps({"name": str(uuid.uuid4()), "price": "12.50"})
        writer.write(REQUEST.format(len(body), body).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(head.decode())
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        done += 1
    writer.close()
    return done
