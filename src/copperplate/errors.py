"""Errors that a user sees, as one family: what is wrong, what to do, and the exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    CONFLICTS = 4
    BROKEN = 5
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class Cancelled(Exception):  # noqa: N818 - a decision of the user, no error
    """Raised when the user cancels at a prompt, before anything is written."""


class CopperplateError(Exception):
    """Shown as two lines, `error: …` and `hint: …`, never as a traceback."""

    def __init__(self, what: str, hint: str, exit_code: ExitCode) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.exit_code = exit_code
        self.done = ""
        """What was done before the error, if anything: a sentence without its full stop."""


class InputError(CopperplateError):
    """Wrong usage, or an answer that is refused."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what, hint, ExitCode.USAGE)


class RefusedError(CopperplateError):
    """The user has to fix something first."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what, hint, ExitCode.REFUSED)


class BrokenError(CopperplateError):
    """The template, or a program that this tool runs, failed."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what, hint, ExitCode.BROKEN)
