"""The command line as a process: how it ends, and what it says of an error."""

import gc
import signal
import sys
from pathlib import Path

import typer

from copperplate.cli import streams
from copperplate.cli.application import app
from copperplate.errors import BrokenError, Cancelled, CopperplateError, ExitCode, InputError, RefusedError
from copperplate.system import disk, signals


def main() -> None:
    """Run the command line and exit: every error is two lines, unless `--debug` asks for its traceback."""
    streams.prepare()
    code = run(sys.argv[1:])
    signals.ignore()  # the exit code is what has happened, and nothing is left that a signal could spare
    gc.freeze()  # skip the last garbage collection, which takes a quarter of a second where Copier is imported
    sys.exit(code)


def run(arguments: list[str]) -> int:
    try:
        with signals.as_exceptions():
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
        return _told(BrokenError(what, "run it again with --debug, and report what that shows"))


def _run(arguments: list[str]) -> int:
    _refuse_missing_folder()
    try:
        code = app(args=arguments, prog_name="copperplate", standalone_mode=False)
        sys.stdout.flush()  # while an error of it can be told
    except typer.TyperException as problem:
        context = getattr(problem, "ctx", None)
        verb = context.command_path if context else "copperplate"
        raise InputError(problem.format_message(), f"see `{verb} --help`") from None
    if code == ExitCode.INTERRUPTED:  # what Typer makes of Ctrl-C at a prompt
        raise signals.Interrupted(signal.SIGINT)
    return code if isinstance(code, int) else 0


def _refuse_missing_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise RefusedError("the current folder no longer exists", "change to another one") from None


def _cancelled(number: int, done: str = "") -> int:
    from copperplate import console

    console.cancelled(done)
    return ExitCode(128 + number)


def _told(problem: CopperplateError) -> int:
    from copperplate import console

    console.error(problem)
    return problem.exit_code
