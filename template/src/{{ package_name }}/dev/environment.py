"""What `dev` adds to the environment: the private servers, where none is given."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from ..environment import env_file
from . import folders, forget_other_servers, postgres, postgres_server, process, valkey
from .errors import ServerError

PORTS_TO_TRY = 20


class Given(BaseSettings):
    """Servers that the environment or `.env` names already."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    database_url: str | None = None
    redis_url: str | None = None


@contextmanager
def private_servers(data: Path) -> Iterator[dict[str, str]]:
    """The variables that name them, for those that are not given; their data is kept in folders of `data`."""
    given = Given(_env_file=env_file())
    variables: dict[str, str] = {}
    with ExitStack() as stack:
        if not (given.database_url and given.redis_url):
            folders.make_home(data)
        if not given.database_url:
            variables["DATABASE_URL"] = stack.enter_context(postgres(data / "postgres"))
        if not given.redis_url:
            variables["REDIS_URL"] = stack.enter_context(valkey(data / "valkey"))
        yield variables


@contextmanager
def development_database(data: Path) -> Iterator[str]:
    """The URL of what DATABASE_URL names, or of the server of a `dev` that runs, or of one that runs for this block."""
    kept = data / "postgres"
    if given := Given(_env_file=env_file()).database_url:
        yield given
    elif folders.in_use(kept) and (port := process.remembered_port(kept)):
        forget_other_servers()
        yield postgres_server.url(kept, port)
    else:
        folders.make_home(data)
        with postgres(kept) as url:
            yield url


def first_free_port(host: str, port: int) -> int:
    """`port`, or the first one after it that nothing listens on.

    Raises `ServerError` if there is none nearby, or if `host` is no address of this machine.
    """
    for candidate in range(port, min(port + PORTS_TO_TRY, 1 << 16)):
        try:
            with socket.create_server((host, candidate), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return candidate
        except OSError as error:
            problem = error
    raise ServerError(f"cannot listen on {host}, port {port} or the next ones: {problem.strerror}")
