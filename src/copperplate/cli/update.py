"""Verbs that change an existing project: `update`, `add`, `remove`, `set`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from copperplate.cli.options import (
    Data,
    Json,
    Project,
    ProjectArgument,
    TemplateAddress,
    Trust,
    argument,
    complete_answers,
    complete_features,
    flag,
    option,
    project_folder,
    with_options,
)
from copperplate.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from copperplate.update.result import Options, UpdateResult

_FEATURE = "Name of a feature, or NAME=VALUE; `copperplate features` lists them."
Features = Annotated[list[str] | None, argument("FEATURE", _FEATURE, complete=complete_features)]
_ANSWER = "Name of a question, and its new answer."
_NO_VERIFY = "Apply the update without running the project's own checks."
_KEEP_WORKTREE = "Keep the temporary checkout in which the checks run."


@dataclass(frozen=True, slots=True)
class UpdateOptions:
    """Options that all of these verbs share."""

    dry_run: Annotated[bool, flag("Show what would happen, with the patch, and write nothing.", "--dry-run")] = False
    resume: Annotated[bool, flag("Finish an update after you have resolved its conflicts.", "--continue")] = False
    abort: Annotated[bool, flag("Cancel an unfinished update and restore every file.", "--abort")] = False
    no_verify: Annotated[bool, flag(_NO_VERIFY, "--no-verify")] = False
    no_lock: Annotated[bool, flag("Leave uv.lock as it is; works without network.", "--no-lock")] = False
    keep_worktree: Annotated[bool, flag(_KEEP_WORKTREE, "--keep-worktree")] = False
    template: TemplateAddress = None
    trust: Trust = False
    json: Json = False


@with_options
def update(
    path: ProjectArgument = None,
    project: Project = None,
    to: Annotated[str | None, option("VERSION", "Update to this version, not the newest.")] = None,
    data: Data = None,
    *,
    options: UpdateOptions,
) -> None:
    """Update a project to the newest version of its template.

    The update is merged with your changes, locked, checked, and applied as one commit. If a check fails, nothing is
    changed. If there are conflicts, resolve them and run --continue, or restore every file with --abort.
    """
    request = {"to": to, "data": tuple(data or ()), "template": options.template}
    _run(project_folder(path, project), options, any(request.values()), lambda: request)


@with_options
def add(features: Features = None, project: Project = None, *, options: UpdateOptions) -> None:
    """Add features to a project.

    The version of the template stays; `update` changes it.
    """
    hint = "copperplate add FEATURE; `copperplate features` lists them"
    _run_at_version("on", features, project, options, "no feature is named", hint)


@with_options
def remove(features: Features = None, project: Project = None, *, options: UpdateOptions) -> None:
    """Remove features from a project.

    The version of the template stays. A file of the feature that you have changed, or that your code imports, is left
    as a conflict.
    """
    hint = "copperplate remove FEATURE; `copperplate features` lists them"
    _run_at_version("off", features, project, options, "no feature is named", hint)


@with_options
def set_(
    answers: Annotated[list[str] | None, argument("NAME=VALUE", _ANSWER, complete=complete_answers)] = None,
    project: Project = None,
    *,
    options: UpdateOptions,
) -> None:
    """Change answers of a project.

    The version of the template stays; `update` changes it.
    """
    hint = "copperplate set NAME=VALUE; .copier-answers.yml lists them"
    _run_at_version("data", answers, project, options, "no answer is given", hint)


def _run_at_version(
    field: str, words: list[str] | None, project: Path | None, options: UpdateOptions, what: str, hint: str
) -> None:
    """Run a verb that keeps the version. `words` are the `field` of the request; without them it is refused."""

    def request() -> dict[str, Any]:
        if not words:
            raise InputError(what, hint)
        return {"stay": True, field: tuple(words), "template": options.template}

    _run(project_folder(None, project), options, bool(words or options.template), request)


def _run(folder: Path, options: UpdateOptions, is_request: bool, request: "Callable[[], dict[str, Any]]") -> None:
    from copperplate.commands import update as command
    from copperplate.console import output

    def start(chosen: "Options") -> "UpdateResult":
        asked = command.UpdateRequest(**request())
        return command.update(folder, asked, options=chosen, progress=output.LiveProgress())

    run_or_finish(folder, options, is_request, start)


def run_or_finish(
    folder: Path, options: UpdateOptions, is_request: bool, start: "Callable[[Options], UpdateResult]"
) -> NoReturn:
    """Call `start`, or finish or cancel what is in progress; print the result and exit with its code."""
    from copperplate.commands import update as command
    from copperplate.console import messages, output
    from copperplate.update.result import Options

    chosen = Options(
        dry_run=options.dry_run,
        verify=not options.no_verify,
        lock=not options.no_lock,
        keep_worktree=options.keep_worktree,
        trust=options.trust,
    )
    if not (options.resume or options.abort):
        _show(start(chosen), json=options.json)
    if is_request or options.dry_run or (options.resume and options.abort):
        what = "--continue and --abort are about an update that is in progress"
        raise InputError(what, "give one of them, without --dry-run and without what to change")
    if options.resume:
        _show(command.resume(folder, options=chosen, progress=output.LiveProgress()), json=options.json)
    aborted = command.abort(folder)
    with output.report():
        output.show(aborted, lambda: messages.abort(aborted), json=options.json)
    raise typer.Exit


def _show(result: "UpdateResult", *, json: bool) -> NoReturn:
    """Print the result and exit with its code."""
    from copperplate.console import messages, output, update_report

    with output.report():
        output.show(update_report.document(result), lambda: messages.update(result), json=json)
    raise typer.Exit(result.exit_code)
