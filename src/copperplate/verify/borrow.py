"""Borrow a database and a Redis from servers that exist already, and give them back. Run by the project's own Python.

Speaks as `python -m <package>_dev` does: prints `DATABASE_URL=…` and `REDIS_URL=…`, those that were asked for by
`TEST_DATABASE_URL` and `TEST_REDIS_URL`, and cleans up when its standard input ends. What is already on those servers
is never touched: the database is a new one, the Redis a logical database that was found empty.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from redis import Redis

CLAIM_SECONDS = 3600
"""How long a claim on a logical database outlives a borrower that was killed."""

LOGICAL_DATABASES = range(15, 0, -1)
"""Redis has 16 if nothing else is configured. 0 may be somebody's, and the tests of projects count up from 1."""


@contextmanager
def database(server: str) -> Iterator[str]:
    name = f"verify_{secrets.token_hex(8)}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield _renamed(server, name)
    finally:
        asyncio.run(_execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def _execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server.replace("+asyncpg", "", 1))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def redis(server: str) -> Iterator[str]:
    for number in LOGICAL_DATABASES:
        url = _renamed(server, str(number))
        with Redis.from_url(url) as client:
            claimed = client.set("verify:claim", os.getpid(), nx=True, ex=CLAIM_SECONDS)
            if claimed and client.dbsize() == 1:
                try:
                    yield url
                finally:
                    client.flushdb()
                return
            if claimed:
                client.delete("verify:claim")
    sys.exit("TEST_REDIS_URL: none of its logical databases is empty, and one that is not is never used")


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def main() -> None:
    with ExitStack() as stack:
        for setting, borrow in (("DATABASE_URL", database), ("REDIS_URL", redis)):
            if server := os.environ.get(f"TEST_{setting}"):
                sys.stdout.write(f"{setting}={stack.enter_context(borrow(server))}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
