"""Errors that a user sees, as one family: what is wrong, what to do, and the exit code.

The modules of this package have a class for each kind of error that a caller or a test tells from others. Its
attributes are what went wrong, as data; the text is where the error is raised.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar, dataclass_transform


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


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery of an interrupted update: it was finished, or taken back."""

    project: Path
    is_finished: bool
    kept: Path | None
    """Folder with the changes that other programs made to files of the update, if there were any."""


@dataclass(frozen=True, slots=True)
class Creation:
    project: Path


Done = Recovery | Creation
"""Work that was done before an error or a signal."""


@dataclass_transform(eq_default=False, kw_only_default=True, field_specifiers=(field,))
class _WithAttributes(Exception):  # noqa: N818 - the family is below
    """Exception whose classes are dataclasses; they are compared by identity, as other exceptions are."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - those of any class
        super().__init_subclass__(**options)
        if cls.__annotations__:  # otherwise, it has the attributes of its parent
            dataclass(eq=False, repr=False, kw_only=True)(cls)


class CopperplateError(_WithAttributes):
    """Shown as two lines, `error: …` and `hint: …`, never as a traceback."""

    exit_code: ClassVar[ExitCode]
    what: str = field(kw_only=False)
    hint: str = field(kw_only=False)
    done: Done | None = None
    """Work that was done before the error, if any."""

    def __str__(self) -> str:
        return self.what


class InputError(CopperplateError):
    """Wrong usage, or an answer that is refused."""

    exit_code = ExitCode.USAGE

    @property
    def entry(self) -> str | None:
        """Name of the answer that is refused, if there is one."""
        return None


class RefusedError(CopperplateError):
    """The user has to fix something first."""

    exit_code = ExitCode.REFUSED


class BrokenError(CopperplateError):
    """The template, or a program that this tool runs, failed."""

    exit_code = ExitCode.BROKEN


class NoGitError(RefusedError):
    """Git is not installed."""


class GitFailedError(BrokenError):
    verb: str
    complaint: str


class UvFailedError(BrokenError):
    verb: str
    complaint: str


class NoPythonError(BrokenError):
    """Uv neither finds nor downloads a Python that the project needs."""

    needed: str
