"""Commands: `jobs list`, `show`, `retry`, `cancel`, `dead`, and what `worker` does."""

# ruff: noqa: PLC0415 - as in `cli.py`

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from .. import boot
from ..boot import BootError
from ..db.engine import create_engine, cut_off
from ..db.pool import Driver
from ..db.reader import connect_from
from ..settings import DatabaseOnly, DatabaseSettings
from . import inspection

app = typer.Typer(no_args_is_help=True, help="See what is in the queue, and repair it.")

Ids = Annotated[list[int] | None, typer.Argument(help="Ids of jobs.")]
Name = Annotated[str | None, typer.Option(help="Only jobs of this name.")]
Limit = Annotated[int, typer.Option(min=1)]


def run_worker() -> None:
    """Until SIGTERM or SIGINT. What does not end in time is handed over, and the process left at once."""
    import uvloop

    uvloop.run(_work())


async def _work() -> None:
    from .. import features, logging
    from .health import health_served
    from .settings import JobsSettings
    from .worker import leave, work

    settings = boot.read(features.settings_class())
    logging.configure(settings.log, processors=features.telemetry_of(settings).log_processors)
    # Each job may use a connection, and has more time than a request to wait for one.
    pool = {"pool_size": max(settings.database.pool_size, settings[JobsSettings].concurrency), "pool_timeout": 30.0}
    settings = settings.model_copy(update={"database": settings.database.model_copy(update=pool)})
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        features.open_app(settings) as resources,
        resources.telemetry.observe(resources),
        health_served(resources),
    ):
        if not await work(resources, stop):
            leave()


@app.command("list")
def list_(*, status: Literal["waiting", "running", "dead"] | None = None, name: Name = None, limit: Limit = 50) -> None:
    """List jobs that wait, run or are dead, the newest first."""

    async def act(connection: Driver) -> None:
        for row in await inspection.find(connection, status=status, name=name, limit=limit):
            error = f"  {row['error']}" if row["error"] else ""
            due = row["execute_after"].isoformat(" ", "seconds")
            typer.echo(f"{row['id']:>8}  {inspection.status_of(row):8}  {due}  {row['name']}{error}")

    _run(act)


@app.command()
def dead(*, name: Name = None, limit: Limit = 50) -> None:
    """List jobs that failed for good, with their errors."""
    list_(status="dead", name=name, limit=limit)


@app.command()
def show(id_: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Print a job, its payload and all that has happened to it."""

    async def act(connection: Driver) -> None:
        row, history = await inspection.show(connection, id_)
        if row is None and not history:
            raise BootError(f"there is no job {id_}, or its history is no longer kept")
        for field, value in row.items() if row else ():
            typer.echo(f"{field:14} {inspection.status_of(row) if field == 'status' else value}")
        for entry in history:
            typer.echo(f"{entry['created'].isoformat(' ', 'seconds')}  {entry['status']}")
            if entry["error"]:
                typer.echo(entry["error"])

    _run(act)


@app.command()
def retry(ids: Ids = None, *, name: Name = None) -> None:
    """Let dead jobs wait again, with all their attempts: those with these ids, or all of one name."""

    async def act(connection: Driver) -> None:
        retried = await inspection.retry(connection, ids or [], name)
        typer.echo(f"retried: {', '.join(map(str, retried)) or 'none'}")

    _run(act)


@app.command()
def cancel(ids: Annotated[list[int], typer.Argument(help="Ids of jobs.")]) -> None:
    """Remove jobs from the queue, dead ones too, and stop those that run."""

    async def act(connection: Driver) -> None:
        cancelled = await inspection.cancel(connection, ids)
        typer.echo(f"cancelled: {', '.join(map(str, cancelled)) or 'none'}")

    _run(act)


def _run(act: Callable[[Driver], Awaitable[None]]) -> None:
    async def connected(settings: DatabaseSettings) -> None:
        engine = create_engine(settings)
        try:
            async with connect_from(engine)() as connection:
                await act(connection)
        finally:
            cut_off(engine)

    try:
        with _database() as settings:
            asyncio.run(connected(settings))
    except (BootError, OSError) as error:
        typer.secho(error, fg="red", err=True)
        raise typer.Exit(getattr(error, "status", 1)) from None


@contextmanager
def _database() -> Iterator[DatabaseSettings]:
    """That of DATABASE_URL; without it that of development, as for `db`."""
    try:
        settings = boot.read(DatabaseOnly).database
    except BootError as error:
        if "missing" not in str(error):
            raise
    else:
        yield settings
        return
    from ..dev import ServerError
    from ..dev.environment import development_database
    from ..dev.folders import home, project_folder

    try:
        with development_database(home(project_folder())) as url:
            yield DatabaseSettings.model_validate({"url": url})
    except ServerError as error:
        raise BootError(str(error)) from None
