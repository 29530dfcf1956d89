"""The verbs for living projects: `update`, `add`, `remove`, `set`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copperplate.cli.options import Debug, Json
from copperplate.errors import InputError

if TYPE_CHECKING:
    from copperplate.updating.results import Options, UpdateResult
    from copperplate.updating.start import Wish

Root = Annotated[Path, typer.Argument(metavar="PATH", help="Root of a project.")]
Project = Annotated[Path, typer.Option("--project", metavar="PATH", help="Root of the project.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, with the patch, and write nothing.")]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Land it without running the project's own checks.")]
NoLock = Annotated[bool, typer.Option("--no-lock", help="Leave uv.lock as it is: works without network.")]
Trust = Annotated[bool, typer.Option("--trust", help="Let a template of others run code when it is rendered.")]
KeepWorktree = Annotated[
    bool, typer.Option("--keep-worktree", help="Keep the throw-away checkout in which the checks run.")
]


def update(
    path: Root = Path(),
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="Instead of the newest one.")] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", "-d", metavar="NAME=VALUE", help="Answer a question. May be repeated.")
    ] = None,
    dry_run: DryRun = False,
    resume: Annotated[
        bool, typer.Option("--continue", help="Finish an update whose conflicts you have resolved.")
    ] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Restore everything as it was before the update.")] = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Bring a project to the newest version of its template: merge, lock, verify, land in one step.

    No line of yours is lost: what cannot be merged is left as a conflict, and --abort restores all.
    """
    del debug  # read by main()
    from copperplate import console
    from copperplate.commands import update as command
    from copperplate.updating.start import Wish

    if (resume or abort) and (to or data or dry_run or (resume and abort)):
        raise InputError("--continue and --abort take up an update that has begun", "give them without other wishes")
    if abort:
        taken_back = command.abort(path)
        if json:
            console.as_json(taken_back)
        else:
            console.abort(taken_back)
        return
    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    if resume:
        _told(command.resume(path, options=options, progress=console.LiveProgress()), json=json)
    _told(_moved(path, Wish(to=to, data=tuple(data or ())), options), json=json)


def add(
    features: Annotated[list[str], typer.Argument(metavar="FEATURE...", help="`copperplate features` lists them.")],
    project: Project = Path(),
    dry_run: DryRun = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Add features to a project, at its own version of the template."""
    del debug
    from copperplate.updating.start import Wish

    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    _told(_moved(project, Wish(stay=True, on=tuple(features)), options), json=json)


def remove(
    features: Annotated[list[str], typer.Argument(metavar="FEATURE...", help="`copperplate features` lists them.")],
    project: Project = Path(),
    dry_run: DryRun = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Remove features from a project. What you have changed in them, or import from them, is left as a conflict."""
    del debug
    from copperplate.updating.start import Wish

    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    _told(_moved(project, Wish(stay=True, off=tuple(features)), options), json=json)


def set_(
    answers: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="Answers to questions of `new`.")],
    project: Project = Path(),
    dry_run: DryRun = False,
    no_verify: NoVerify = False,
    no_lock: NoLock = False,
    keep_worktree: KeepWorktree = False,
    trust: Trust = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Change answers of a project, at its own version of the template."""
    del debug
    from copperplate.updating.start import Wish

    options = _options(dry_run, no_verify, no_lock, keep_worktree, trust)
    _told(_moved(project, Wish(stay=True, data=tuple(answers)), options), json=json)


def _options(dry_run: bool, no_verify: bool, no_lock: bool, keep_worktree: bool, trust: bool) -> "Options":
    from copperplate.updating.results import Options

    return Options(dry_run=dry_run, verify=not no_verify, lock=not no_lock, keep_worktree=keep_worktree, trust=trust)


def _moved(path: Path, wish: "Wish", options: "Options") -> "UpdateResult":
    from copperplate import console
    from copperplate.commands import update as command

    return command.update(path, wish, options=options, progress=console.LiveProgress())


def _told(result: "UpdateResult", *, json: bool) -> None:
    """Show what became of it, and exit with the code that says so."""
    from copperplate import console
    from copperplate.updating import shown

    if json:
        console.as_json({"result": result, "next": list(shown.following(result))})
    else:
        console.update(result)
    raise typer.Exit(result.exit_code)
