"""The command line as a process: its streams, its exit codes, and how it reports an error."""

import errno
import gc
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from copperplate.cli.app import app
from copperplate.errors import BrokenError, Cancelled, CopperplateError, ExitCode, InputError, RefusedError
from copperplate.system import disk, signals

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_STANDARD = (0, 1, 2)


class _Output(io.FileIO):
    """Standard output: drops what nobody reads any more, and all that follows an error, which is raised once."""

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
    """Standard error: all that it tells is by the way, so it drops what cannot be written."""

    def write(self, content: "ReadableBuffer", /) -> int:
        try:
            return super().write(content)
        except OSError:
            return memoryview(content).nbytes


def prepare() -> None:
    """Let names that are no text be printed, and let no output that cannot be written end what a command does."""
    _open_closed()
    sys.stdout = _through(_Output(1, "w", closefd=False), sys.stdout)
    sys.stderr = _through(_Telling(2, "w", closefd=False), sys.stderr)


def _open_closed() -> None:
    """Open those that the caller has closed: else a file that is opened later would get the place of one."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _through(raw: _Output, stream: TextIO | None) -> TextIO:
    """`stream` again, but by way of `raw`; a path need not be text, and a locale need not know every letter."""
    encoding = stream.encoding if stream else "utf-8"
    errors = "surrogateescape" if encoding == "utf-8" else "backslashreplace"
    is_for_people = raw.isatty() or isinstance(raw, _Telling)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=is_for_people)


def main() -> None:
    """Run the command line and exit: every error is two lines, unless `--debug` asks for its traceback."""
    prepare()
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
