"""A test bed: real servers, a proxy before each that fails on demand, and the application as in production."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE
from typing import TextIO, cast
from urllib.parse import urlsplit

from benchmarks.faults.client import HOST, Client
from benchmarks.served import Process, Project, running

POOL = 10
"""Connections to PostgreSQL that a process of the application keeps (`DatabaseSettings.pool_size`)."""

IN_USE = re.compile(r'^db_client_connection_count\{.*"postgresql".*"used"\} (\S+)$', re.MULTILINE)
"""Name of the metric of connections in use."""

PROXY = Path(__file__).parents[2] / "template_tests/tests/support/proxy.py"


@dataclass(frozen=True)
class Proxy:
    """Proxy of the template's own tests: a process that reads commands, one a line."""

    process: "subprocess.Popen[str]"
    url: str

    def command(self, line: str) -> None:
        """`black_hole`, `refuse`, `reset`, `delay SECONDS`, `forward`."""
        cast("TextIO", self.process.stdin).write(f"{line}\n")
        cast("TextIO", self.process.stdin).flush()
        if cast("TextIO", self.process.stdout).readline() != f"{line}\n":
            raise ChildProcessError(f"the proxy did not obey: {line}")


@dataclass(frozen=True)
class Application(Client):
    process: Process
    metrics_port: int

    def in_use(self) -> int:
        """Return the number of PostgreSQL connections in use now, from the metrics."""
        connection = HTTPConnection(HOST, self.metrics_port, timeout=5)
        try:
            connection.request("GET", "/metrics")
            found = IN_USE.search(connection.getresponse().read().decode())
        finally:
            connection.close()
        if not found:
            raise LookupError("no metric of connections: the project needs the feature `observability`")
        return int(float(found[1]))


@dataclass(frozen=True)
class Bed:
    project: Project
    environment: dict[str, str]
    """Environment with the addresses of the proxies."""

    servers: dict[str, str]
    """Environment with the addresses of the servers."""

    database: Proxy
    redis: Proxy
    programs: Path
    """Folder of `psql` and `pg_ctl`, which the account of PostgreSQL can read."""

    @contextmanager
    def serving(self, *options: str) -> Iterator[Application]:
        port, metrics_port = free_port(), free_port()
        environment = {**self.environment, "METRICS_PORT": str(metrics_port)}
        command = [self.project.program(self.project.command), "serve", *options]
        with running(command, port=port, cwd=self.project.path, env=environment, stderr=subprocess.DEVNULL) as process:
            yield Application(port, process, metrics_port)

    def psql(self, sql: str) -> "subprocess.Popen[str]":
        """Start `psql` with one transaction; the caller waits for it or kills it."""
        url = self.servers["DATABASE_URL"].replace("+asyncpg", "")
        command = [str(self.programs / "psql"), "--no-psqlrc", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]
        return subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True)

    def sql(self, sql: str) -> str:
        process = self.psql(sql)
        output, errors = process.communicate()
        if process.returncode:
            raise ChildProcessError(errors)
        return output.strip()

    @contextmanager
    def lock(self, mode: str, seconds: float) -> Iterator[None]:
        """Hold a lock on the table of items for at most this time."""
        holder = self.psql(f"LOCK TABLE items IN {mode} MODE; SELECT pg_sleep({seconds})")
        try:
            sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            until(lambda: self.sql(sleeping) == "1", seconds=seconds)
            yield
        finally:
            self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            holder.communicate()

    def terminate_connections(self) -> None:
        """End the connections of the application, as an administrator or a failover does."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND application_name <> 'psql'"
        )

    @property
    def data(self) -> Path:
        return Path(self.sql("SHOW data_directory"))

    def pg_ctl(self, action: str, data: Path) -> None:
        """Run `pg_ctl` as the owner of the data, because PostgreSQL refuses root."""
        owner = data.stat()
        other = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": ()} if os.geteuid() == 0 else {}
        command = [str(self.programs / "pg_ctl"), action, "-D", str(data), "-m", "fast"]
        nothing = subprocess.DEVNULL
        subprocess.run(command, check=True, cwd=data, stdin=nothing, stdout=nothing, stderr=nothing, **other)  # type: ignore[call-overload]


@contextmanager
def bed(project: Project) -> Iterator[Bed]:
    with project.servers() as servers:
        find = f"from {project.package}_dev.binaries import psql_program; print(psql_program().parent)"
        found = subprocess.run([project.program("python"), "-c", find], check=True, stdout=PIPE, text=True)
        with _proxy(project, servers["DATABASE_URL"]) as database, _proxy(project, servers["REDIS_URL"]) as redis:
            environment = {**servers, "DATABASE_URL": database.url, "REDIS_URL": redis.url}
            yield Bed(project, environment, servers, database, redis, Path(found.stdout.strip()))


@contextmanager
def _proxy(project: Project, url: str) -> Iterator[Proxy]:
    parts = urlsplit(url)
    command = [project.program("python"), str(PROXY), str(parts.hostname), str(parts.port)]
    process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True)
    try:
        port = cast("TextIO", process.stdout).readline().strip()
        credentials, at, _ = parts.netloc.rpartition("@")
        yield Proxy(process, parts._replace(netloc=f"{credentials}{at}{HOST}:{port}").geturl())
    finally:
        process.communicate()  # the end of its input stops it


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def until(reached: Callable[[], bool], *, seconds: float) -> float:
    """Poll, and return the seconds until the condition was true; more than `seconds` if it was not."""
    start = time.monotonic()
    while not reached():
        if time.monotonic() - start > seconds:
            return seconds + 1
        time.sleep(0.02)
    return time.monotonic() - start
