"""The verbs that change an existing project: `update`, `add`, `remove`, `set`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copperplate.cli import completion
from copperplate.cli.options import Debug, Json, Project, ProjectArgument, TemplateAddress, Trust, project_folder
from copperplate.errors import InputError

if TYPE_CHECKING:
    from copperplate.updating.results import Options, UpdateResult
    from copperplate.updating.start import Wish

Features = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FEATURE",
        help="Name of a feature, or NAME=VALUE; `copperplate features` lists them.",
        autocompletion=completion.features,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, with the patch, and write nothing.")]
Resume = Annotated[bool, typer.Option("--continue", help="Finish an update after you have resolved its conflicts.")]
Abort = Annotated[bool, typer.Option("--abort", help="Cancel an unfinished update and restore every file.")]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Apply it without running the project's own checks.")]
NoLock = Annotated[bool, typer.Option("--no-lock", help="Leave uv.lock as it is; works without network.")]
KeepWorktree = Annotated[
    bool, typer.Option("--keep-worktree", help="Keep the temporary checkout in which the checks run.")
]


def update(
    path: ProjectArgument = None,
    project: Project = None,
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="Update to this version, not the newest.")] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", "-d", metavar="NAME=VALUE", help="Answer a question. May be repeated.")
    ] = None,
    dry_run: DryRun = False,
    resume: Resume = False,
    abort: Abort = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    template: TemplateAddress = None,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Update a project to the newest version of its template.

    The update is merged with your changes, locked, checked, and applied as one commit. If a check fails, nothing is
    changed. What cannot be merged is left as a conflict: resolve it and run --continue, or restore all with --abort.
    """
    del debug  # read by main()
    from copperplate.updating.start import Wish

    folder = project_folder(path, project)
    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    wish = Wish(to=to, data=tuple(data or ()), template=template)
    if not _finished(folder, options, resume=resume, abort=abort, others=bool(to or data or template), json=json):
        _run(folder, wish, options, json=json)


def add(
    features: Features = None,
    project: Project = None,
    dry_run: DryRun = False,
    resume: Resume = False,
    abort: Abort = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    template: TemplateAddress = None,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Add features to a project.

    The version of the template stays; `update` changes it.
    """
    del debug
    from copperplate.updating.start import Wish

    folder = project_folder(None, project)
    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    if not _finished(folder, options, resume=resume, abort=abort, others=bool(features or template), json=json):
        wish = Wish(
            stay=True,
            on=_given(features, "no feature is named", "copperplate add FEATURE; `copperplate features` lists them"),
            template=template,
        )
        _run(folder, wish, options, json=json)


def remove(
    features: Features = None,
    project: Project = None,
    dry_run: DryRun = False,
    resume: Resume = False,
    abort: Abort = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    template: TemplateAddress = None,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Remove features from a project.

    The version of the template stays. A file of the feature that you have changed, or that your code imports, is left
    as a conflict.
    """
    del debug
    from copperplate.updating.start import Wish

    folder = project_folder(None, project)
    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    if not _finished(folder, options, resume=resume, abort=abort, others=bool(features or template), json=json):
        wish = Wish(
            stay=True,
            off=_given(
                features, "no feature is named", "copperplate remove FEATURE; `copperplate features` lists them"
            ),
            template=template,
        )
        _run(folder, wish, options, json=json)


def set_(
    answers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE", help="Name of a question, and its new answer.", autocompletion=completion.answers
        ),
    ] = None,
    project: Project = None,
    dry_run: DryRun = False,
    resume: Resume = False,
    abort: Abort = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    template: TemplateAddress = None,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Change answers of a project.

    The version of the template stays; `update` changes it.
    """
    del debug
    from copperplate.updating.start import Wish

    folder = project_folder(None, project)
    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    if not _finished(folder, options, resume=resume, abort=abort, others=bool(answers or template), json=json):
        wish = Wish(
            stay=True,
            data=_given(answers, "no answer is given", "copperplate set NAME=VALUE; .copier-answers.yml lists them"),
            template=template,
        )
        _run(folder, wish, options, json=json)


def _given(words: list[str] | None, what: str, hint: str) -> tuple[str, ...]:
    if not words:
        raise InputError(what, hint)
    return tuple(words)


def _options(dry_run: bool, no_verify: bool, no_lock: bool, keep_worktree: bool, trust: bool) -> "Options":
    from copperplate.updating.results import Options

    return Options(dry_run=dry_run, verify=not no_verify, lock=not no_lock, keep_worktree=keep_worktree, trust=trust)


def _finished(folder: Path, options: "Options", *, resume: bool, abort: bool, others: bool, json: bool) -> bool:
    """Continue or abort the update that is in progress, if the user asks for it."""
    if not (resume or abort):
        return False
    if others or options.dry_run or (resume and abort):
        raise InputError(
            "--continue and --abort are about an update that is in progress",
            "give one of them, without --dry-run and without what to change",
        )
    from copperplate import console
    from copperplate.commands import update as command

    if resume:
        _show(command.resume(folder, options=options, progress=console.LiveProgress()), json=json)
    aborted = command.abort(folder)
    with console.report():
        if json:
            console.as_json(aborted)
        else:
            console.abort(aborted)
    return True


def _run(folder: Path, wish: "Wish", options: "Options", *, json: bool) -> None:
    from copperplate import console
    from copperplate.commands import update as command

    _show(command.update(folder, wish, options=options, progress=console.LiveProgress()), json=json)


def _show(result: "UpdateResult", *, json: bool) -> None:
    """Print the result, and exit with its code."""
    from copperplate import console
    from copperplate.updating import shown

    with console.report():
        if json:
            console.as_json({"result": result, "next": list(shown.following(result))})
        else:
            console.update(result)
    raise typer.Exit(result.exit_code)
