"""Programs that run on the project's own Python, with its packages.

python in_project.py examples shop examples.json
python in_project.py series MODULES COMMANDS
python in_project.py leftovers
python in_project.py borrow
"""

import asyncio
import gc
import importlib
import json
import os
import runpy
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit


def examples(package: str, path: str) -> None:
    """Write variables for the settings that the project requires, from their examples.

    The project's tests use the same examples. A project of an older template, or a broken one, has none.
    """
    variables: dict[str, str] = {}
    with suppress(Exception):
        features, startup = (importlib.import_module(f"{package}.{name}") for name in ("features", "startup"))
        variables = _variables(startup.example(features.settings_class()))
    Path(path).write_text(json.dumps(variables), encoding="utf-8")


def _variables(settings: Any) -> dict[str, str]:  # noqa: ANN401 - of the project's own class
    found: dict[str, str] = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        fields = getattr(value, "model_fields_set", None)
        given = {name: value} if fields is None else {f"{name}_{field}": getattr(value, field) for field in fields}
        found |= {variable.upper(): _text(each) for variable, each in given.items()}
    return found


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, tuple | list | set | frozenset):
        return ",".join(map(_text, value))
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def series(modules: str, commands: str) -> None:
    """Run programs one after another, each in its own process, in which these modules are already imported.

    Both are JSON: `["shop.features"]`, `[["alembic", "upgrade", "head"], ["alembic", "check"]]`. Each Alembic command
    imports the whole application, which takes longer than its work. So the modules are imported once, and each command
    runs in a fork. The first command that fails ends the series, with its exit code.
    """
    for name in json.loads(modules):
        with suppress(Exception):  # the module does not exist, or it is broken, which the commands will report
            importlib.import_module(name)
    gc.freeze()  # otherwise each child runs a garbage collection over all of it when it ends
    for command in json.loads(commands):
        sys.stdout.write(f"$ uv run {' '.join(command)}\n")
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            _run(*command)
            return  # this process ends normally
        if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            sys.exit(code)


def _run(*command: str) -> None:
    """Run a program as if it had been started by its name, or by `python` and a path."""
    program, *arguments = command[1:] if command[0] == "python" else command
    path = shutil.which(program) or program
    sys.argv = [path, *arguments]
    sys.path[0] = str(Path(path).parent)
    runpy.run_path(path, run_name="__main__")


# Alembic's own table stays, and objects of an extension belong to the extension.
LEFT = """
WITH everything AS (
    SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS namespace, 'relation' AS kind, relname AS name
    FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'S', 'f', 'p')
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typnamespace, 'type', typname FROM pg_type WHERE typtype IN ('e', 'd', 'r')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, pronamespace, 'function', proname FROM pg_proc
)
SELECT kind, name FROM everything
WHERE namespace::regnamespace::text NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
  AND NOT (kind = 'relation' AND name = 'alembic_version')
  AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = catalog AND objid = everything.oid AND deptype = 'e'
  )
ORDER BY kind, name
"""


def leftovers() -> None:
    """Fail if the database still contains anything after all migrations were undone."""
    rows = asyncio.run(_fetch(os.environ["DATABASE_URL"], LEFT))
    if found := [f"{row['kind']} {row['name']}" for row in rows]:
        sys.exit(f"after `downgrade base`, these are left in the database: {', '.join(found)}")


CLAIM_SECONDS = 3600
"""Time after which the claim of a killed process on a logical database ends."""
LOGICAL_DATABASES = range(15, 0, -1)
"""Redis has 16 by default. Database 0 may be in use, and the tests of projects count up from 1."""


@contextmanager
def database(server: str) -> Iterator[str]:
    name = f"verify_{secrets.token_hex(8)}"
    asyncio.run(_fetch(server, f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield _renamed(server, name)
    finally:
        asyncio.run(_fetch(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def _fetch(server: str, statement: str) -> Any:  # noqa: ANN401
    import asyncpg  # noqa: PLC0415 - only some of these programs use it

    connection = await asyncpg.connect(server.replace("+asyncpg", "", 1))
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


@contextmanager
def redis(server: str) -> Iterator[str]:
    from redis import Redis  # noqa: PLC0415

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
    sys.exit("TEST_REDIS_URL: it has no empty logical database, and only an empty one is used")


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def borrow() -> None:
    """Borrow a database and a Redis of existing servers, and return them.

    Prints `DATABASE_URL=…` and `REDIS_URL=…`, as `python -m <package>_dev` does, for the servers in `TEST_DATABASE_URL`
    and `TEST_REDIS_URL`, and cleans up when its standard input ends. Existing data on those servers is never changed:
    the database is new, and the logical database of Redis was empty.
    """
    with ExitStack() as stack:
        for setting, opened in (("DATABASE_URL", database), ("REDIS_URL", redis)):
            if server := os.environ.get(f"TEST_{setting}"):
                sys.stdout.write(f"{setting}={stack.enter_context(opened(server))}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    programs = {program.__name__: program for program in (borrow, examples, leftovers, series)}
    programs[sys.argv[1]](*sys.argv[2:])
