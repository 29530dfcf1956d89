"""What a command has done, in lines, and what to type next."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from copperplate.console import documents
from copperplate.console.lines import line, one_line

if TYPE_CHECKING:
    from copperplate.commands.doctor import DoctorResult
    from copperplate.commands.new import NewResult
    from copperplate.commands.status import StatusResult
    from copperplate.comparison import Differences
    from copperplate.errors import CopperplateError
    from copperplate.template import Template
    from copperplate.updating.results import AbortResult, UpdateResult
    from copperplate.verify.results import VerifyResult


def error(problem: "CopperplateError") -> None:
    """Two lines, whatever the message holds; before them, what was done in spite of the error."""
    if problem.done:
        line((f"First: {one_line(problem.done)}.", "yellow"), err=True)
    line(("error: ", "bold red"), one_line(problem.what), err=True)
    line(("  hint: ", "bold"), one_line(problem.hint), err=True)


def cancelled() -> None:
    line("\nCancelled. Nothing was written.", err=True)


def warn_of_folder(template: "Template") -> None:
    """Say what it means for the project if its template is a folder as it stands, and not a version."""
    if template.is_plain_folder:
        where = f"the template is a folder, and not a version of a template: {one_line(template.source)}"
        line(("warning: ", "bold yellow"), f"{where}. `status`, `diff` and `update` will need --template.", err=True)


def new(result: "NewResult", *, command: str, next_commands: tuple[str, ...], notes: tuple[str, ...]) -> None:
    line(f"\nCreated {result.answers.project_name} in {result.path}: {len(result.files)} files.")
    if result.inside_repository:
        line(f"It is inside the git repository {result.inside_repository}, so nothing was committed.")
    if result.verified:
        _verified(result.verified)
    again(command, err=False)
    _next(*next_commands)
    for note in notes:
        line(("\nnote: ", "bold yellow"), one_line(note))


def again(command: str, *, err: bool = True) -> None:
    """The answers that were typed, as a command: also after a failure."""
    line(("\nThe same again, without questions:", "dim"), err=err)
    line(f"  {command}", err=err)


def status(result: "StatusResult") -> None:
    stands = f"{result.path} is at template {result.template_version}"
    line(f"{stands}; the newest is {result.newest_version}." if result.behind else f"{stands}, the newest.")
    if not result.answers_intact:
        line(("Its answers file is not as it was rendered: git restore .copier-answers.yml", "yellow"))
    if result.unfinished:
        line((f"In progress: {one_line(result.unfinished)}.", "bold yellow"))
    _differences(f"{result.newest_version} would change", result.template)
    _differences("The project has changed", result.project)
    if result.unfinished:
        _next("copperplate update --continue", "copperplate update --abort")
    elif result.behind:
        _next("copperplate update --dry-run")


def _differences(heading: str, found: "Differences") -> None:
    if not found:
        return
    line((f"\n{heading}:", "dim"))
    for mark, style, paths in (
        ("+", "green", found.added),
        ("~", "yellow", found.changed),
        ("-", "red", found.deleted),
    ):
        for path in paths:
            line("  ", (mark, style), f" {one_line(path)}")


def update(result: "UpdateResult") -> None:
    from copperplate.updating import shown  # noqa: PLC0415 - the other verbs do without

    if result.patch:
        documents.text(result.patch)
    if result.verified and not result.verified.passed:
        _verified(result.verified)
    _lines(shown.update(result))


def abort(result: "AbortResult") -> None:
    from copperplate.updating import shown  # noqa: PLC0415 - the other verbs do without

    _lines(shown.abort(result))


def doctor(result: "DoctorResult") -> None:
    for finding in result.findings:
        mark = ("✓", "green") if finding.found else ("✗", "red" if finding.required else "yellow")
        line(mark, f" {finding.name:<12} {finding.detail}")
        if finding.hint:
            line((f"{'':<15}{finding.hint}", "dim"))


def _verified(result: "VerifyResult") -> None:
    from copperplate.console import tables  # noqa: PLC0415 - most of the time, nothing was verified

    tables.verify(result)


def _lines(lines: Iterable[tuple[str, str]]) -> None:
    for text, style in lines:
        line((one_line(text), style))


def _next(*commands: str) -> None:
    line(("\nNext:", "dim"))
    for command in commands:
        line(f"  {command}")
