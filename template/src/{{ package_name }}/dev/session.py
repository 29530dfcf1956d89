"""A session of development: servers, migrations, and the application that reloads."""

import os

import typer

from .. import boot, serving
from ..settings import Settings
from .environment import first_free_port, private_servers
from .folders import home, project_folder


def develop(host: str, port: int, *, reload: bool) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises `BootError` or `ServerError` for what keeps it from that.
    """
    free = first_free_port(host, port)
    data = home(project_folder())
    with private_servers(data) as private:
        os.environ.update(private, ENVIRONMENT="development")
        settings = boot.read(Settings)
        boot.migrate(settings.database)
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
        serving.run_for_development(host=host, port=free, reload=reload)


def _show(rows: dict[str, str]) -> None:
    width = max(map(len, rows))
    for name, value in rows.items():
        typer.echo(f"  {typer.style(name.ljust(width), bold=True)}  {value}")
