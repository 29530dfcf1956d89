"""A project behind PgBouncer in transaction mode, with the one setting that its documents name for it."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import pytest

from copperplate.verify import Target
from copperplate.verify.boot import reserved_port, served
from copperplate.verify.session import Log, Session
from testing.matrix.slots import Slot
from tests.projects.running import python

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
HOST = "127.0.0.1"
START_TIMEOUT = 10.0
CLIENTS, ITEMS = 20, 100

CONFIGURATION = """
[databases]
* = host={server.hostname} port={server.port} user={server.username} password={server.password}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
"""
POOL_SIZE = 3
"""Fewer connections than the application has, so that each of them serves many of those."""

ASK = """
import asyncio, asyncpg, json, sys

async def main():
    connections = [await asyncpg.connect(sys.argv[1], statement_cache_size=0) for _ in range(int(sys.argv[2]))]
    for connection in connections:  # each keeps one of the pooler's for itself
        await connection.execute("BEGIN")
    print(json.dumps([[row[0] for row in await one.fetch(sys.argv[3])] for one in connections]))

asyncio.run(main())
"""

pytestmark = [pytest.mark.long, pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed")]


@dataclass(frozen=True)
class Served:
    project: Path
    port: int
    database: str
    """Its URL by way of PgBouncer."""

    def of_each_connection(self, statement: str) -> list[list[object]]:
        """Return the first column of the statement, on each of the pooler's connections."""
        answer: list[list[object]] = json.loads(python(self.project, ASK, self.database, str(POOL_SIZE), statement))
        return answer


@pytest.fixture(scope="module")
def shop(slot: Slot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    project = slot.installed_project("row-3.12", {}, "3.12")
    with Session(Target(project, "shop", "shop")) as bench, Log() as transcript:
        server = urlsplit(bench.servers(transcript).settings["DATABASE_URL"])
        with pgbouncer(tmp_path_factory.mktemp("pgbouncer"), server) as database:
            busy = {"REDIS_TIMEOUT": "5", "REDIS_CONNECT_TIMEOUT": "5", "DATABASE_POOL_TIMEOUT": "5"}
            settings = {"DATABASE_URL": database, "DATABASE_TRANSACTION_POOLING": "true", **busy}
            with served(bench, transcript, settings) as port:
                yield Served(project, port, database)


@contextmanager
def pgbouncer(folder: Path, server: SplitResult) -> Iterator[str]:
    with reserved_port() as port:
        configuration = CONFIGURATION.format(server=server, host=HOST, port=port, pool_size=POOL_SIZE)
        if os.geteuid() == 0:
            configuration += "user = nobody\n"  # it refuses root
        (folder / "pgbouncer.ini").write_text(configuration)
        with subprocess.Popen(
            [str(PGBOUNCER), str(folder / "pgbouncer.ini")], stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                deadline = time.monotonic() + START_TIMEOUT
                while not listens(port):
                    assert process.poll() is None, process.communicate()[1]
                    assert time.monotonic() < deadline, "PgBouncer does not listen"
                    time.sleep(0.02)
                yield f"postgresql://{server.username}:unused@{HOST}:{port}{server.path}"
            finally:
                process.terminate()
                process.communicate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def ask(connection: HTTPConnection, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, path, json.dumps(body) if body else None, sent)
    response = connection.getresponse()
    return response.status, response.read().decode()


def live(port: int, number: int) -> list[int]:
    """Make an item, read it alone and in a list, change it: all kinds of reads and writes that there are."""
    with closing(HTTPConnection(HOST, port, timeout=20)) as connection:
        new = {"name": f"Item {number}", "price": "1.50"}
        created, body = ask(connection, "POST", "/items", new, Idempotency_Key=f"key-{number}")
        assert created == HTTPStatus.CREATED, body
        path = f"/items/{json.loads(body)['id']}"
        rest = (
            ask(connection, "GET", path),
            ask(connection, "GET", "/items?limit=5&status=draft"),
            ask(connection, "PATCH", path, {"price": "2.50"}, If_Match='"1"'),
        )
    return [created, *(status for status, _ in rest)]


def test_many_requests_share_few_connections_and_none_fails(shop: Served) -> None:
    with ThreadPoolExecutor(CLIENTS) as clients:
        statuses = list(clients.map(lambda number: live(shop.port, number), range(ITEMS)))
    assert Counter(map(tuple, statuses)) == {(201, 200, 200, 200): ITEMS}


def test_migration_and_requests_leave_no_state_on_the_connections(shop: Served) -> None:
    live(shop.port, ITEMS)
    locks = shop.of_each_connection("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
    prepared = shop.of_each_connection("SELECT name FROM pg_prepared_statements WHERE name <> ''")
    timeouts = shop.of_each_connection("SELECT name FROM pg_settings WHERE name LIKE '%timeout' AND source = 'session'")
    assert locks == prepared == timeouts == [[]] * POOL_SIZE
