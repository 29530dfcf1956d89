from functools import partial
from typing import Annotated

import typer

from ..commands import run
from . import service

commands = typer.Typer(help="Orders.", no_args_is_help=True)


@commands.command()
def cancel(
    context: typer.Context,
    hours: Annotated[int, typer.Option(min=1, help="Hours that an order may be open.")] = 24,
) -> None:
    """Cancel orders that nobody has paid."""
    cancelled = run(context, partial(service.cancel_older, hours=hours))
    typer.echo(f"{cancelled} cancelled")
