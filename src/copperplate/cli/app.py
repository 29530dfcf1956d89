"""Typer application with all verbs: it does not convert arguments, and it never cuts off a help text.

Typer 0.29 converts each path, text and flag with Pydantic, whose import takes a third of the time of `status`. A value
is checked where it is used, so no conversion is needed. Typer makes the converter on first use and keeps it in a
private attribute. If another version of Typer keeps it elsewhere, everything still works, but slower; a test checks
that Pydantic is not imported.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from copperplate.cli import inspect, new, resource, update
from copperplate.cli.options import with_debug
from copperplate.errors import ExitCode

EXIT_CODES = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.FAILED: "a check failed, or a project is outdated",
    ExitCode.USAGE: "wrong usage or bad input",
    ExitCode.REFUSED: "refused: fix the named problem first",
    ExitCode.CONFLICTS: "conflicts are left for you to resolve",
    ExitCode.BROKEN: "the template or a program that Copperplate runs failed",
    ExitCode.HUNG_UP: "the terminal was closed (SIGHUP)",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C)",
    ExitCode.TERMINATED: "terminated (SIGTERM)",
}

_UNLIMITED = 10_000
"""Length limit of a short help, in characters. No help is as long, so the formatter wraps it and cuts nothing off."""

_TYPE = re.compile(r" <.*>$")
"""Suffix that Typer adds to the name of an argument."""

_Make = Callable[[Any], object]
_MADE_BY: dict[object, _Make] = {Path: Path, str: str, bool: bool, list[str]: list}


class Verb(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - its type is private to Typer
        return _as_typed(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the arguments, without the names of Python types, and then the options."""
        parameters = self.get_params(ctx)
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            records = (found.get_help_record(ctx) for found in parameters if found.param_type_name == kind)
            if lines := [(_TYPE.sub("", name), text) for name, text in filter(None, records)]:
                with formatter.section(title):
                    formatter.write_dl(lines)


class Verbs(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - its type is private to Typer
        return _as_typed(super().get_params(ctx))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        del ctx
        verbs = [(name, verb.get_short_help_str(_UNLIMITED)) for name, verb in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(verbs)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        del ctx
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), meaning) for code, meaning in EXIT_CODES.items()])


def _as_typed(parameters: Iterable[Any]) -> list[Any]:
    found = list(parameters)
    for parameter in found:
        make = _MADE_BY.get(getattr(getattr(parameter, "type_descriptor", None), "annotation", None))
        if make:
            vars(parameter)["_runtime_param"] = _AsTyped(make)
    return found


class _AsTyped:
    def __init__(self, make: _Make) -> None:
        self._make = make

    def coerce(self, value: object, param: object, ctx: object) -> object:
        del param, ctx
        return None if value is None else self._make(value)


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


resources = typer.Typer(
    name="resource",
    cls=Verbs,
    help="Add, change and remove resources of a project: models, routes, tests and migrations.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _add(verbs: tuple[Any, ...], to: typer.Typer = app) -> None:
    for verb in verbs:
        to.command(name=verb.__name__.rstrip("_"), cls=Verb)(with_debug(verb))


_add((new.new, new.features))
_add((inspect.status, inspect.diff, inspect.verify, inspect.doctor))
_add((update.update, update.add, update.remove, update.set_))
_add((resource.add, resource.change, resource.remove), resources)
_add((resource.list_, resource.show, resource.diff, resource.eject), resources)
app.add_typer(resources)
