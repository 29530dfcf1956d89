"""The project's own command. Its verbs call others, and say in a line or two what keeps them from it."""

# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that `--help` loads no FastAPI and no SQLAlchemy

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .resources import Resources

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is every address of this machine.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]

INTERRUPTED = 130


def main() -> None:
    """Run a command. Those of features are imported only where no command of this module is asked for."""
    own = {command.callback.__name__ for command in app.registered_commands if command.callback}
    if not own & set(sys.argv[1:2]):
        from .features import all_features

        for feature in all_features():
            if feature.commands:
                app.add_typer(feature.commands, name=feature.name)
    app(obj=_run)


@app.command()
def dev(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    reload: Annotated[bool, typer.Option(help="Start anew whenever the code changes.")] = True,
) -> None:
    """Serve for development, on servers of its own.

    Starts a private PostgreSQL and Valkey, which keep their data for the next time; DATABASE_URL and REDIS_URL name
    others to use instead. Then migrates, and serves.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does, and closes all that is open
    with _told():
        from .dev.session import develop

        develop(host, port, reload=reload)


@app.command()
def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes to share the work.")] = 1,
) -> None:
    """Serve in production; refuse weak settings."""
    # uvicorn raises it once more when all is closed; a process that was told to stop, and did, has not failed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _told():
        from . import boot, features, serving

        settings = boot.read(features.settings_class())
        boot.check_port(settings, port, workers)
        serving.run(settings, host=host, port=port, workers=workers)


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration.

    Takes DATABASE_URL only. Many may do this at once: one does the work, and the others wait.
    """
    with _told():
        from . import boot
        from .settings import DatabaseOnly

        typer.echo(boot.migrate(boot.read(DatabaseOnly).database))


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What it changes, such as: add orders.")]) -> None:
    """Write a migration for what has changed in the models.

    Compares them with the database of development, which need not run. While `dev` runs, it applies the new file.
    """
    with _told():
        from .dev.session import write_revision

        typer.echo("\n".join(write_revision(message)))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def db(context: typer.Context) -> None:
    """Open psql on the database of development, which need not run.

    What follows is for psql: `db -c "SELECT 1"`.
    """
    with _told():
        from .dev.session import open_database

        raise typer.Exit(open_database(context.args))


@app.command()
def openapi(
    output: Annotated[Path | None, typer.Option(help="File to write; without it, standard output.")] = None,
) -> None:
    """Print the API's description (OpenAPI) as JSON.

    Takes no database, no Redis and no secret.
    """
    with _told():
        from . import boot, features
        from .app import create_app

        described = create_app(boot.example(features.settings_class(), environment="development"))
        document = json.dumps(described.openapi(), indent=2, ensure_ascii=False)
    if output:
        output.write_text(f"{document}\n", encoding="utf-8")
    else:
        typer.echo(document)


def _run[T](work: Callable[[Resources], Awaitable[T]]) -> T:
    """For `commands.run`. Logs go to standard error: standard output is for what the command prints."""
    import asyncio

    from . import boot, logging
    from .features import open_app, settings_class

    async def run() -> T:
        async with open_app(settings) as resources:
            return await work(resources)

    with _told():
        settings = boot.read(settings_class())
        logging.configure(settings.log, sys.stderr)
        return asyncio.run(run())


@contextmanager
def _told() -> Iterator[None]:
    """What can be expected to go wrong, in words rather than in a traceback."""
    from .boot import BootError
    from .dev import ServerError

    try:
        yield
    except (BootError, ServerError) as error:
        typer.secho(error, fg="red", err=True)
        raise typer.Exit(getattr(error, "status", 1)) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
