"""All verbs, put together."""

from typing import Annotated

import typer

from copperplate.cli import looking, printing, updating
from copperplate.cli.command import Verb, Verbs

app = typer.Typer(
    name="copperplate",
    cls=Verbs,
    help="Print complete async Python backends from one template. Exit codes: 0 done, 1 a check failed, 2 bad input, "
    "3 refused, 4 conflicts are left, 5 template or tool failed, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"copperplate {version('copperplate')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


for _command in (
    printing.new,
    printing.features,
    looking.status,
    looking.diff,
    looking.verify,
    looking.doctor,
    updating.update,
    updating.add,
    updating.remove,
    updating.set_,
):
    app.command(name=_command.__name__.rstrip("_"), cls=Verb)(_command)
