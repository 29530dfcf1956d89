"""Command line: the Typer application with all verbs, and the main function with its streams, exit codes and errors.

Typer 0.29 converts each path, text and flag with Pydantic, whose import takes a third of the time of `status`. A value
is checked where it is used, so no conversion is needed. Typer makes the converter on first use and keeps it in a
private attribute. If another version of Typer keeps it elsewhere, everything still works, but slower; a test checks
that Pydantic is not imported.
"""

import errno
import gc
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from typer.core import TyperCommand, TyperGroup

from copperplate.cli import inspect, new, resource, update
from copperplate.cli.options import with_debug
from copperplate.errors import BrokenError, Cancelled, CopperplateError, Done, ExitCode, InputError, RefusedError
from copperplate.system import disk, signals

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


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
        return _converted(super().get_params(ctx))

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
        return _converted(super().get_params(ctx))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        del ctx
        verbs = [(name, verb.get_short_help_str(_UNLIMITED)) for name, verb in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(verbs)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        del ctx
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), meaning) for code, meaning in EXIT_CODES.items()])


def _converted(parameters: Iterable[Any]) -> list[Any]:
    found = list(parameters)
    for parameter in found:
        make = _MADE_BY.get(getattr(getattr(parameter, "type_descriptor", None), "annotation", None))
        if make:
            vars(parameter)["_runtime_param"] = SimpleNamespace(coerce=partial(_as_typed, make))
    return found


def _as_typed(make: _Make, value: object, param: object, ctx: object) -> object:
    del param, ctx
    return None if value is None else make(value)


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


class _Output(io.FileIO):
    """Standard output: without a reader, it drops the text; after an error, raised once, all that follows."""

    is_broken = False

    def write(self, content: "ReadableBuffer", /) -> int:
        if not self.is_broken:
            try:
                return super().write(content) or 0
            except OSError as error:
                self.is_broken = True
                if error.errno != errno.EPIPE:
                    error.filename = "standard output"
                    raise
        return memoryview(content).nbytes


class _Telling(_Output):
    """Standard error. No result depends on it, so it drops text that cannot be written."""

    def write(self, content: "ReadableBuffer", /) -> int:
        try:
            return super().write(content)
        except OSError:
            return memoryview(content).nbytes


def prepare() -> None:
    """Prepare the streams: file names of any bytes can be printed, and a failed write does not stop a command."""
    _open_closed()
    sys.stdout = _through(_Output(1, "w", closefd=False), sys.stdout)
    sys.stderr = _through(_Telling(2, "w", closefd=False), sys.stderr)


def _open_closed() -> None:
    """Open the streams that the caller has closed. Otherwise a file that is opened later would get their number."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _through(raw: _Output, stream: TextIO | None) -> TextIO:
    """Return `stream` on top of `raw`. It can print paths that are not text, and letters that the locale lacks."""
    encoding = stream.encoding if stream else "utf-8"
    errors = "surrogateescape" if encoding == "utf-8" else "backslashreplace"
    is_for_people = raw.isatty() or isinstance(raw, _Telling)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=is_for_people)


def main() -> None:
    """Run the command line and exit. An error is two lines; `--debug` adds its traceback."""
    prepare()
    code = run(sys.argv[1:], exits=True)
    signals.ignore()  # also after an error
    gc.freeze()  # skip the last garbage collection: after an import of Copier it takes a quarter of a second
    sys.exit(code)


def run(arguments: list[str], *, exits: bool = False) -> int:
    """Return the exit code. `exits`: the program exits then, so a signal has nothing left to stop."""
    try:
        with signals.as_exceptions(exits=exits):
            return _run(arguments)
    except signals.Interrupted as interrupt:
        return _cancelled(interrupt.number, interrupt.done)
    except Cancelled:
        return _cancelled(signal.SIGINT)
    except CopperplateError as problem:
        if "--debug" in arguments:
            raise
        return _told(problem)
    except Exception as error:
        if "--debug" in arguments:
            raise
        if isinstance(error, OSError) and disk.is_reason(error):
            return _told(disk.refusal(error, Path(), "and try again"))
        what = f"unexpected {type(error).__name__}: {error}"
        return _told(BrokenError(what, "run it again with --debug, and report the output"))


def _run(arguments: list[str]) -> int:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise RefusedError("the current folder no longer exists", "change to another one") from None
    try:
        code = app(args=arguments, prog_name="copperplate", standalone_mode=False)
        sys.stdout.flush()  # here, an error of it can still be reported
    except typer.TyperException as problem:
        context = getattr(problem, "ctx", None)
        verb = context.command_path if context else "copperplate"
        raise InputError(problem.format_message(), f"see `{verb} --help`") from None
    if code == ExitCode.INTERRUPTED:  # Typer raises this for Ctrl-C at a prompt
        raise signals.Interrupted(signal.SIGINT)
    return code if isinstance(code, int) else 0


def _cancelled(number: int, done: Done | None = None) -> int:
    from copperplate.console import messages

    messages.cancelled(done)
    return ExitCode(128 + number)


def _told(problem: CopperplateError) -> int:
    from copperplate.console import messages

    messages.error(problem)
    return problem.exit_code
