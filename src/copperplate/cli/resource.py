"""The verbs for resources: `resource add`, `resource list`, `resource show`."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copperplate.cli.options import HERE, Json, Project, TemplateAddress
from copperplate.errors import InputError

if TYPE_CHECKING:
    from copperplate.resources.definitions import Definition


def add(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Plural, such as orders or order_lines.", show_default=False)
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELDS", help="Such as number:str:20:unique total:decimal:12/2:min=0 note:text:null."),
    ] = None,
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Read one or several resources from a YAML file.")
    ] = None,
    singular: Annotated[str | None, typer.Option(metavar="NAME", help="What one of them is called.")] = None,
    class_: Annotated[str | None, typer.Option("--class", metavar="NAME", help="Name of the model's class.")] = None,
    table: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the table.")] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="owner|none", help="Whose rows they are, in a project with accounts: each user's, or everybody's."
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="OPERATIONS", help="Only these of: list, read, create, change, remove."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the patch, and write nothing.")] = False,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Add it without running the project's own checks.")
    ] = False,
    template: TemplateAddress = None,
    project: Project = None,
    json: Json = False,
) -> None:
    """Add a resource to a project, checked, as one commit.

    A field is written name:type:options. Types: str text int bigint decimal float bool date datetime time duration uuid
    json email url enum ref refs. Options: list unique index null default= min= max=. On a terminal, without a name, it
    asks.
    """
    from copperplate import console
    from copperplate.commands import resource as command
    from copperplate.templates.location import NamedTemplate

    folder = project or HERE
    if from_ is not None:
        from copperplate.resources import definitions

        if name or fields or singular or class_ or table or scope or only:
            raise InputError("--from has the names and fields already", "leave out the others")
        wanted = definitions.read(from_)
    elif name is None:
        if json or not console.is_terminal():
            raise InputError("no resource is named", "copperplate resource add NAME FIELDS; or --from FILE")
        wanted = (_asked(folder),)
    else:
        from copperplate.resources.definitions import Definition

        operations = tuple(re.split(r"[,/ ]+", only)) if only else ()
        wanted = (Definition(name, tuple(fields or ()), singular, class_, table, scope, operations),)
    options = command.Options(
        verify=not no_verify, dry_run=dry_run, template=NamedTemplate(template) if template else None
    )
    result = command.add(folder, wanted, options=options, progress=console.LiveProgress())
    with console.report():
        if json:
            console.as_json(result)
        else:
            from copperplate.console import resources

            resources.added(result)
    raise typer.Exit(result.exit_code)


def list_(project: Project = None, json: Json = False) -> None:
    """List the resources of a project."""
    from copperplate import console
    from copperplate.commands import resource as command
    from copperplate.console import resources

    found = command.list_resources(project or HERE)
    if json:
        console.as_json(found)
    else:
        resources.listed(found)


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a resource.")],
    project: Project = None,
    json: Json = False,
) -> None:
    """Show a resource: its names, its fields, and the command that adds it."""
    from copperplate import console
    from copperplate.commands import resource as command
    from copperplate.console import resources

    found = command.show(project or HERE, name)
    if json:
        console.as_json(found)
    else:
        resources.shown(found)


def _asked(folder: Path) -> "Definition":
    """The definition that a user at a terminal types, and the command for next time."""
    from copperplate import console
    from copperplate.cli import prompts
    from copperplate.cli.resource_interview import ResourceInterview
    from copperplate.commands import resource as command
    from copperplate.project import find
    from copperplate.resources import records

    root = find(folder)
    known = {name: found.target for name, found in records.load(root).items()}
    interview = ResourceInterview(prompts.for_terminal(), known, lambda found: command.resolve(root, [found]))
    definition = interview.ask()
    flags = (("--singular", definition.singular), ("--class", definition.class_name), ("--table", definition.table))
    parts = [definition.name, *definition.fields, *(part for flag, value in flags if value for part in (flag, value))]
    console.again(f"copperplate resource add {shlex.join(parts)}")
    return definition
