"""Rows with their own PostgreSQL: one with production settings, and a primary with its standby."""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .bed import DEAD, EMPTY, Bed, children_of, parent_of
from .declared import development, opened, prepare, sleep
from .faults import outcome, put_five

OVER = 200
"""Jobs that wait when the primary is killed."""


async def restarted(bed: Bed) -> tuple[str, bool]:
    """PostgreSQL crashed and recovered three times, jobs of 6 s running."""
    del bed
    with durable("restarted") as url:
        async with migrated(url) as other:
            await prepare(other)
            bed = Bed(other)
            try:
                await bed.up()
                await put_five(bed, "r")
                for _ in range(3):  # each time, the server ends all connections, and recovers
                    os.kill(await bed.ask("SELECT pg_backend_pid()"), signal.SIGKILL)
                    await asyncio.sleep(2)
                return await outcome(bed, "r")
            finally:
                bed.end()


async def failed_over(bed: Bed) -> tuple[str, bool]:
    """A primary that is killed, its standby promoted after 5 s; a worker with jobs of 0 to 3 s."""
    del bed
    with durable("primary") as primary, standby_of(primary) as standby:
        url = both(primary, standby)
        async with migrated(url) as other:
            await prepare(other)
            await wait_for_the_standby(other)
            pair = Bed(other)
            try:
                return await fail_over(pair, standby)
            finally:
                pair.end()


async def fail_over(bed: Bed, standby: str) -> tuple[str, bool]:
    await bed.up()
    for number in range(OVER):
        await bed.put(sleep, key=f"o-{number}", seconds=random.uniform(0, 3))  # noqa: S311
    postmaster = parent_of(await bed.ask("SELECT pg_backend_pid()"))
    for pid in [postmaster, *children_of(postmaster)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(5)
    await run_on(standby, "SELECT pg_promote()")
    promoted = time.time()
    next_job = await bed.until(f"EXISTS (SELECT FROM runs WHERE at > to_timestamp({promoted}))")
    await bed.until(EMPTY)
    done = await bed.ask("SELECT count(DISTINCT key) FROM runs WHERE what = 'end' AND key LIKE 'o-%'")
    starts = await bed.ask("SELECT count(*) FROM runs WHERE what = 'start' AND key LIKE 'o-%'")
    dead, left = await bed.ask(f"SELECT {DEAD}"), await bed.ask("SELECT count(*) FROM jobs.pgqueuer")
    seen = f"{OVER - done} lost, {left} stuck, {dead} dead, {starts - OVER} runs again; next job after {next_job:.1f} s"
    return seen, (done, left) == (OVER, 0)


async def wait_for_the_standby(resources: Any) -> None:  # noqa: ANN401
    """Make commits wait for the standby, so that every commit is on both servers."""
    async with resources.reader.connect() as connection:
        await connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await connection.execute("SELECT pg_reload_conf()")


async def run_on(url: str, statement: str) -> None:
    import asyncpg  # noqa: PLC0415

    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(statement)
    await connection.close()


@contextmanager
def durable(name: str) -> Iterator[str]:
    """Start a server with production settings."""
    Path.cwd().chmod(0o755)
    with development().postgres(Path(name).absolute()) as url:
        yield url


@contextmanager
def standby_of(url: str) -> Iterator[str]:
    """Start a standby that follows the server."""
    account, programs = development("account").unprivileged(), development("binaries").postgres_programs()
    folder = Path("standby").absolute()
    folder.mkdir()
    if account:
        account.take_ownership(folder)
    user = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    plain = url.replace("+asyncpg", "")
    backup = [programs / "pg_basebackup", "-D", folder / "data", "-R", "-X", "stream", "-c", "fast", "-d", plain]
    subprocess.run(backup, check=True, cwd=folder, **user)
    port = development("process").free_port()
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    command += ["-c", "unix_socket_directories="]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, **user)
    try:
        yield url.replace(f":{urlsplit(url).port}/", f":{port}/")
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def both(primary: str, standby: str) -> str:
    parts, port = urlsplit(primary), urlsplit(standby).port
    hosts = f"host={parts.hostname},{parts.hostname}&port={parts.port},{port}"
    return f"{parts.scheme}://{parts.username}:{parts.password}@/postgres?{hosts}&target_session_attrs=read-write"


@asynccontextmanager
async def migrated(url: str) -> AsyncIterator[Any]:
    """Open the resources of the project on another, migrated database."""
    given, os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"], url
    try:
        command = [os.environ["COMMAND"], "migrate"]
        await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
        async with opened() as resources:
            yield resources
    finally:
        os.environ["DATABASE_URL"] = given
