"""Main function of the command line: streams, exit codes and error reports."""

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
from copperplate.errors import BrokenError, Cancelled, CopperplateError, Done, ExitCode, InputError, RefusedError
from copperplate.system import disk, signals

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_STANDARD = (0, 1, 2)


class _Output(io.FileIO):
    """Standard output.

    If its reader is gone, it drops the text; after an error, raised once, it drops all that follows.
    """

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
    for descriptor in _STANDARD:
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
    code = run(sys.argv[1:])
    signals.ignore()  # the exit code is known, so a signal has nothing left to stop
    gc.freeze()  # skip the last garbage collection: after an import of Copier it takes a quarter of a second
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
        return _told(BrokenError(what, "run it again with --debug, and report the output"))


def _run(arguments: list[str]) -> int:
    _refuse_missing_folder()
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


def _refuse_missing_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise RefusedError("the current folder no longer exists", "change to another one") from None


def _cancelled(number: int, done: Done | None = None) -> int:
    from copperplate import console

    console.cancelled(done)
    return ExitCode(128 + number)


def _told(problem: CopperplateError) -> int:
    from copperplate import console

    console.error(problem)
    return problem.exit_code
