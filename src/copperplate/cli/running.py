"""The command line as a process: how it ends, and what it says of an error."""

import gc
import io
import signal
import sys

import typer

from copperplate import interrupts
from copperplate.cli.application import app
from copperplate.errors import BrokenError, Cancelled, CopperplateError, ExitCode, InputError


def main() -> None:
    """Run the command line and exit: every error is two lines, unless `--debug` asks for its traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a path need not be text, and a locale need not know every letter
            stream.reconfigure(errors="surrogateescape" if stream.encoding == "utf-8" else "backslashreplace")
    code = run(sys.argv[1:])
    gc.freeze()  # as it ends, Python looks for garbage once more, which takes it a quarter of a second where Copier is
    sys.exit(code)


def run(arguments: list[str]) -> int:
    try:
        with interrupts.raised():
            return _run(arguments)
    except interrupts.Interrupted as interrupt:
        hint = "nothing else was written" if interrupt.done else "nothing was written"
        cancelled = CopperplateError("cancelled", hint, ExitCode(128 + interrupt.number))
        cancelled.done = interrupt.done
        return _told(cancelled)
    except Cancelled:
        from copperplate import console

        console.cancelled()
        return ExitCode.INTERRUPTED
    except CopperplateError as problem:
        if "--debug" in arguments:
            raise
        return _told(problem)
    except Exception as error:
        if "--debug" in arguments:
            raise
        what = f"unexpected {type(error).__name__}: {error}"
        return _told(BrokenError(what, "run it again with --debug, and report what that shows"))


def _run(arguments: list[str]) -> int:
    try:
        code = app(args=arguments, prog_name="copperplate", standalone_mode=False)
    except typer.TyperException as problem:
        raise InputError(problem.format_message(), "copperplate --help tells how it is used") from None
    if code == ExitCode.INTERRUPTED:  # what Typer makes of Ctrl-C at a prompt
        raise interrupts.Interrupted(signal.SIGINT)
    return code if isinstance(code, int) else 0


def _told(problem: CopperplateError) -> int:
    from copperplate import console

    console.error(problem)
    return problem.exit_code
