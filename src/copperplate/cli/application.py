"""All verbs, put together."""

from typing import Annotated, Any

import typer

from copperplate.cli import looking, printing, resource, updating
from copperplate.cli.command import Verb, Verbs

app = typer.Typer(
    name="copperplate",
    cls=Verbs,
    help="Generate complete async Python backends from one template, and keep them current.",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"copperplate {version('copperplate')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _add(verbs: tuple[Any, ...]) -> None:
    for verb in verbs:
        app.command(name=verb.__name__.rstrip("_"), cls=Verb)(verb)


_add((printing.new, printing.features))
_add((looking.status, looking.diff, looking.verify, looking.doctor))
_add((updating.update, updating.add, updating.remove, updating.set_))
app.add_typer(resource.app, name="resource")
