"""Commands of features: they work with the resources of the application.

@commands.command()
def cancel(context: typer.Context, hours: int = 24) -> None:
    typer.echo(run(context, partial(service.cancel_older, hours=hours)))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

import typer

if TYPE_CHECKING:
    from .resources import Resources


def run[T](context: typer.Context, work: Callable[[Resources], Awaitable[T]]) -> T:
    """Return the result of `work`, which gets the open resources. Background loops do not run."""
    return cast("T", context.obj(work))
