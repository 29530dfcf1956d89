"""Verbs for resources: `resource add`, `change`, `remove`, `list`, `show`, `diff`, `eject`."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copperplate.cli.options import HERE, Json, Project, TemplateAddress, with_options
from copperplate.cli.update import UpdateOptions, run_or_finish
from copperplate.errors import InputError

if TYPE_CHECKING:
    from copperplate.resources.definitions import Definition
    from copperplate.templates.location import NamedTemplate
    from copperplate.update.result import Options, UpdateResult


Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a resource.")]
OptionalName = Annotated[str | None, typer.Argument(metavar="NAME", help="Name of a resource.", show_default=False)]
"""Name that `--continue` and `--abort` do not need."""


def named_template(where: str | None, *, trust: bool = False) -> "NamedTemplate | None":
    from copperplate.templates.location import NamedTemplate

    return NamedTemplate(where, None, trust=trust) if where else None


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
            metavar="owner|organisation|none",
            help="Whose rows they are, in a project with accounts: each user's, an organisation's, or everybody's.",
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
    from copperplate.commands import resource as command
    from copperplate.console import messages, output
    from copperplate.templates.location import NamedTemplate

    folder = project or HERE
    if from_ is not None:
        from copperplate.resources import definitions

        if name or fields or singular or class_ or table or scope or only:
            raise InputError("--from has the names and fields already", "leave out the others")
        wanted = definitions.read(from_)
    elif name is None:
        if json or not output.is_terminal():
            raise InputError("no resource is named", "copperplate resource add NAME FIELDS; or --from FILE")
        wanted = (_asked(folder),)
    else:
        from copperplate.resources.definitions import Definition

        operations = _operations(only) if only else ()
        wanted = (Definition(name, tuple(fields or ()), singular, class_, table, scope, operations),)
    options = command.Options(
        verify=not no_verify, dry_run=dry_run, template=NamedTemplate(template) if template else None
    )
    result = command.add(folder, wanted, options=options, progress=output.LiveProgress())
    with output.report():
        output.show(messages.resource_data(result), lambda: messages.resources_added(result), json=json)
    raise typer.Exit(result.exit_code)


@with_options(UpdateOptions)
def change(
    name: OptionalName = None,
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELDS", help="New or changed fields, such as discount:decimal:5/2:null."),
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Drop a field. May be repeated.")] = None,
    rename: Annotated[
        list[str] | None, typer.Option(metavar="OLD:NEW", help="Rename a field. May be repeated.")
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(metavar="owner|organisation|none", help="Give the rows owners, or make them everybody's."),
    ] = None,
    rows_to: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL|ID", help="Give rows that exist to this user, or to this organisation, with --scope."
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="OPERATIONS", help="Have only these of: list, read, create, change, remove."),
    ] = None,
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Make it as this YAML file defines it.")
    ] = None,
    lossy: Annotated[bool, typer.Option("--lossy", help="Allow a change by which rows lose values.")] = False,
    project: Project = None,
    *,
    options: UpdateOptions,
) -> None:
    """Change a resource, with a revision that was tried on a real database.

    The change is merged with your own. A change by which rows would lose values is refused without --lossy.
    """
    from copperplate.commands import resource_change as command
    from copperplate.console import output
    from copperplate.resources.revised import Wish

    folder = project or HERE
    renames = tuple(rename or ())
    wish = Wish(
        tuple(fields or ()),
        tuple(drop or ()),
        renames,
        lossy=lossy,
        scope=scope,
        rows_to=rows_to,
        only=_operations(only) if only else (),
    )

    def start(chosen: "Options") -> "UpdateResult":
        named = named_template(options.template, trust=options.trust)
        wanted, resource = wish, name
        if from_ is not None:
            if wish != Wish(renames=renames, lossy=lossy, rows_to=rows_to):
                raise InputError("--from has the fields, the scope and the operations already", "leave out the others")
            definition = _defined(from_, name)
            resource = definition.name
            wanted = replace(command.wish_of_definition(folder, definition, renames, lossy=lossy), rows_to=rows_to)
        if not resource:
            raise InputError("no resource is named", "copperplate resource change NAME FIELDS; or --from FILE")
        return command.change(folder, resource, wanted, named, options=chosen, progress=output.LiveProgress())

    run_or_finish(folder, options, bool(name or from_ or wish != Wish() or options.template), start)


@with_options(UpdateOptions)
def remove(
    name: OptionalName = None,
    project: Project = None,
    *,
    options: UpdateOptions,
) -> None:
    """Remove a resource from a project, with a revision that drops its table; the revision is not run.

    A file of the resource that you have changed, or that your code imports, is left as a conflict.
    """
    from copperplate.commands import resource_change as command
    from copperplate.console import output

    folder = project or HERE

    def start(chosen: "Options") -> "UpdateResult":
        if not name:
            raise InputError("no resource is named", "copperplate resource remove NAME")
        named = named_template(options.template, trust=options.trust)
        return command.remove(folder, name, named, options=chosen, progress=output.LiveProgress())

    run_or_finish(folder, options, bool(name or options.template), start)


def diff(
    name: Name,
    template: TemplateAddress = None,
    project: Project = None,
    json: Json = False,
) -> None:
    """Show what you have changed in the files of a resource, as a patch."""
    from copperplate.commands import resource_change as command
    from copperplate.console import output

    colour = not json and output.shows_colour()
    found = command.diff(project or HERE, name, named_template(template), colour=colour, progress=output.LiveProgress())
    document = {"files": found.files, "patch": found.patch.decode("utf-8", "replace")}
    output.show(document, lambda: output.raw(found.patch), json=json)


@with_options(UpdateOptions)
def eject(
    name: OptionalName = None,
    project: Project = None,
    *,
    options: UpdateOptions,
) -> None:
    """Forget the specification of a resource: its files stay, and are yours alone."""
    from copperplate.commands import resource_change as command
    from copperplate.console import output

    folder = project or HERE

    def start(chosen: "Options") -> "UpdateResult":
        if not name:
            raise InputError("no resource is named", "copperplate resource eject NAME")
        return command.eject(folder, name, options=chosen, progress=output.LiveProgress())

    run_or_finish(folder, options, bool(name or options.template), start)


def list_(project: Project = None, json: Json = False) -> None:
    """List the resources of a project."""
    from copperplate.commands import resource as command
    from copperplate.console import messages, output

    found = command.list_resources(project or HERE)
    output.show(found, lambda: messages.resources_listed(found), json=json)


def show(
    name: Name,
    project: Project = None,
    json: Json = False,
) -> None:
    """Show a resource: its names, its fields, and the command that adds it."""
    from copperplate.commands import resource as command
    from copperplate.console import messages, output

    found = command.show(project or HERE, name)
    output.show(found, lambda: messages.resource_shown(found), json=json)


def _operations(only: str) -> tuple[str, ...]:
    return tuple(re.split(r"[,/ ]+", only))


def _defined(file: Path, name: str | None) -> "Definition":
    """Return the definition of the resource `name` in the file; without a name, of the only one that it has."""
    from copperplate.questions.validation import suggestion
    from copperplate.resources import definitions

    found = {each.name: each for each in definitions.read(file)}
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None:
        raise InputError(
            f"{file} defines {len(found)} resources",
            f"name one of them: copperplate resource change {next(iter(found))}",
        )
    if name not in found:
        raise InputError(f"{file} does not define {name!r:.60}", suggestion(name, found))
    return found[name]


def _asked(folder: Path) -> "Definition":
    """Return the definition that the user types, and print the command for next time."""
    from copperplate.cli import prompts
    from copperplate.cli.interview import ResourceInterview
    from copperplate.commands import resource as command
    from copperplate.console import messages
    from copperplate.project import find
    from copperplate.resources import definitions

    root = find(folder)
    known = {name: found.target for name, found in definitions.load_recorded(root).items()}
    interview = ResourceInterview(prompts.for_terminal(), known, lambda found: command.resolve(root, [found]))
    definition = interview.ask()
    flags = (("--singular", definition.singular), ("--class", definition.class_name), ("--table", definition.table))
    parts = [definition.name, *definition.fields, *(part for flag, value in flags if value for part in (flag, value))]
    messages.again(f"copperplate resource add {shlex.join(parts)}")
    return definition
