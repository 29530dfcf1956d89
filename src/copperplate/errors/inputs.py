"""Errors of what the user gives: options, answers, templates, folders, a Python."""

from collections.abc import Sequence
from pathlib import Path

from copperplate.errors import BrokenError, InputError, RefusedError


class ContradictionError(InputError):
    """Options that exclude each other, or that need each other; `names` are those."""

    names: Sequence[str]


class AnswerError(InputError):
    """An answer that its question does not allow, or none; if `derived_from` is set, it is a default from there."""

    question: str
    value: object
    derived_from: str | None = None

    @property
    def entry(self) -> str:
        return self.question


class UnknownNameError(InputError):
    name: str


class UnknownQuestionError(UnknownNameError):
    @property
    def entry(self) -> str:
        return self.name


class UnknownFeatureError(UnknownNameError):
    pass


class UnknownCheckError(UnknownNameError):
    pass


class PairError(InputError):
    """An answer on the command line that is not `name=value`, or that is there twice."""

    pair: str
    is_repeated: bool = False


class UnreadableAnswersError(InputError):
    """A file of answers that cannot be read, or that is no mapping."""

    file: Path
    errno: int | None = None


class NeedError(InputError):
    feature: str
    needed: str
    missing: Sequence[str] = ()
    """All features that must be switched on for it, as `--with` takes them."""


class FeatureConflictError(InputError):
    features: Sequence[str]


class OutdatedAnswerError(RefusedError):
    """An answer of the project does not fit the template any more; the cause is the refusal of the answer."""


class NoProjectError(RefusedError):
    root: Path


class DamagedAnswersError(RefusedError):
    """A project's answers file cannot be used; `entry` is the first bad one, if the file can be parsed."""

    file: Path
    entry: str | None = None


class RunsCodeError(RefusedError):
    """The template runs code when it is rendered, and is not trusted."""

    code: Sequence[str]


class UnknownVersionError(InputError):
    version: str


class UnknownProjectVersionError(RefusedError):
    """The project is at a version that its template does not have here; `newest` is set if it is a later one."""

    version: str
    newest: str | None = None


class OlderVersionError(RefusedError):
    version: str
    at: str


class UnknownSourceError(RefusedError):
    """The project's answers name no template that has versions."""

    source: str


class NoTemplateError(InputError):
    """There is no template: no such folder, or no `copier.yml` in it."""

    root: Path
    is_folder: bool


class LinkInTemplateError(InputError):
    path: str


class BadQuestionsError(BrokenError):
    """A file of the template's questions cannot be read; `line` is set if it is known."""

    file: str
    line: int | None


class DestinationTakenError(RefusedError):
    path: Path


class UnusablePathError(RefusedError):
    """No virtual environment works below this path."""

    path: Path


class ReportFileError(InputError):
    """A report cannot be written to the file that the user has named."""

    file: Path


class ReportWriteError(RefusedError):
    errno: int | None


class PythonTooOldError(InputError):
    version: str
    floor: str


class UnknownPythonError(InputError):
    """There is no such Python, or it does not run."""

    request: str
