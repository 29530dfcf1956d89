"""Test bed of the rows: a database, and the workers that a row starts."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import text

from .declared import Jobs, Note, sleep, transaction


@dataclass
class Bed:
    resources: Any
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def spawn(self, mode: str = "worker", /, **variables: object) -> subprocess.Popen[bytes]:
        env = {**os.environ, "JOBS_GRACE": "3", **{name: str(value) for name, value in variables.items()}}
        with Path("log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.jobs.inside", mode], env=env, stdout=log, stderr=log
            )
        self.workers.append(process)
        return process

    async def up(self, **variables: object) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until it runs jobs."""
        process = self.spawn("worker", **variables)
        while True:
            await self.put(sleep, key="up")
            await asyncio.sleep(0.3)
            if await self.ask(f"SELECT count(*) FROM runs WHERE pid = {process.pid}"):  # noqa: S608
                return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def end(self) -> None:
        for process in self.workers:
            self.kill(process)

    async def put(self, job: Any, *, key: str, seconds: float = 0, delay: float = 0) -> None:  # noqa: ANN401
        async with transaction(self.resources) as tx:
            payload = Note(key=key, seconds=seconds)
            await Jobs(tx, self.resources).enqueue(job, payload, delay=timedelta(seconds=delay))

    async def ask(self, sql: str) -> Any:  # noqa: ANN401 - the first value
        while True:
            with suppress(Exception):
                async with self.resources.engine.connect() as connection:
                    return await connection.scalar(text(sql))
            await asyncio.sleep(0.1)

    async def rows(self, sql: str) -> list[Any]:
        async with self.resources.engine.connect() as connection:
            return list((await connection.execute(text(sql))).all())

    async def configure(self, sql: str) -> None:
        """Change a setting as the operator of the server does, in a session that may always write."""
        async with self.resources.reader.connect() as connection:
            await connection.execute("SET default_transaction_read_only = off")
            await connection.execute(sql)
            await connection.execute("SELECT pg_reload_conf()")
            await connection.execute("RESET default_transaction_read_only")

    async def until(self, sql: str, seconds: float = 90) -> float:
        """Return the seconds until it is true; infinity if it stays false."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if await self.ask(f"SELECT {sql}"):
                return time.monotonic() - began
            await asyncio.sleep(0.05)
        return float("inf")

    def ran(self, what: str, key: str, times: int = 1) -> str:
        return f"(SELECT count(*) >= {times} FROM runs WHERE what = '{what}' AND key = '{key}')"  # noqa: S608


Row: TypeAlias = Callable[[Bed], Awaitable[tuple[str, bool]]]
EMPTY = "NOT EXISTS (SELECT FROM jobs.pgqueuer WHERE status <> 'failed')"
DEAD = "(SELECT count(*) FROM jobs.pgqueuer WHERE status = 'failed')"


def parent_of(pid: int | str) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def cpu_of(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def children_of(pid: int) -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and parent_of(each.name) == pid]


def cpu_of_server(postmaster: int) -> float:
    """Processor time of the postmaster, its ended backends, and those that run."""
    ticks = 0
    for process in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(process.name) == postmaster:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == postmaster:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
