"""A session of development: servers, migrations, and the application that reloads."""

import os
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer
import uvicorn
from alembic import command
from alembic.config import Config
from alembic.script import Script
from alembic.util import CommandError
from sqlalchemy.engine import URL, make_url

from .. import boot, serving
from ..boot import BootError
from ..settings import DatabaseSettings, Settings
from .environment import development_database, first_free_port, private_servers
from .folders import home, project_folder
from .programs import psql_program
from .reloader import Reloader


def develop(host: str, port: int, *, reload: bool) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises `BootError` or `ServerError` for what keeps it from that.
    """
    free = first_free_port(host, port)
    data = home(project_folder())
    with private_servers(data) as private:
        os.environ.update(private, ENVIRONMENT="development")
        settings = boot.read(Settings)
        if free != port:
            typer.secho(f"Port {port} is taken, so this is {free}.", fg="yellow")
        url = f"http://[{host}]:{free}" if ":" in host else f"http://{host}:{free}"
        _show(
            {
                "API": url,
                "Docs": f"{url}/docs" if settings.docs else "off, by API_DOCS",
                "Health": f"{url}/health/ready",
                # An address that was given may hold a password that matters: it is not for the screen.
                "PostgreSQL": private.get("DATABASE_URL", "as DATABASE_URL says"),
                "Redis": private.get("REDIS_URL", "as REDIS_URL says"),
                "Data": str(data) if private else "where those servers keep it",
            }
        )
        config = serving.development_config(host=host, port=free)
        if reload:
            Reloader(config, Path(serving.__file__).parent, f"{__name__}:migrate_or_exit").run()
        else:
            migrate()
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run()


def migrate_or_exit() -> None:
    """Migrate each time before the application starts: a migration may have been added, or a required setting."""
    try:
        migrate()
    except BootError as error:
        sys.exit(str(error))


def migrate() -> None:
    """Raises `BootError` also for a setting of a feature that is missing or wrong."""
    from ..features import settings_class  # noqa: PLC0415 - the process that only watches does without features

    told = boot.migrate(boot.read(settings_class()).database)
    if told != boot.NEWEST:
        typer.secho(told, fg="yellow", err=True)


def write_revision(message: str) -> Sequence[str]:
    """Write a migration for what the models have and the database has not; return the paths of its files.

    Raises `BootError` or `ServerError` for what keeps it from that.
    """
    if not message.strip():
        raise BootError("the message is empty: say what the revision changes, such as: add orders")
    with development_database(home(project_folder())) as url:
        settings = DatabaseSettings.model_validate({"url": url})
        boot.migrate(settings)
        config = Config(
            toml_file=project_folder() / "pyproject.toml",
            attributes={"settings": settings},
            cmd_opts=Namespace(quiet=True),
        )
        try:
            written = command.revision(config, message, autogenerate=True)
        except CommandError as error:
            raise BootError(str(error)) from None
    return [
        script.path for script in (written if isinstance(written, list) else [written]) if isinstance(script, Script)
    ]


def open_database(arguments: Sequence[str]) -> int:
    """Run `psql` on the database, and return its status. Raises `ServerError` if either is missing."""
    program = str(psql_program())
    with development_database(home(project_folder())) as address:
        url = make_url(address)
        open_to_see = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        secret = {"PGPASSWORD": url.password} if url.password else {}
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql
        command_line = [program, str(open_to_see), *arguments]
        return subprocess.run(command_line, env=os.environ | secret, check=False).returncode  # noqa: S603 - no shell


def _show(rows: dict[str, str]) -> None:
    width = max(map(len, rows))
    for name, value in rows.items():
        typer.echo(f"  {typer.style(name.ljust(width), bold=True)}  {value}")
