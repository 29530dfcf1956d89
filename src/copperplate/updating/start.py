"""From what the user asks to what the engine does: find the project, its versions and its answers."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from copperplate import project
from copperplate.errors import CopperplateError, RefusedError
from copperplate.git import repository
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.system import disk, folders
from copperplate.system.signals import Interrupted
from copperplate.templates import release_notes
from copperplate.templates.releases import NamedTemplate, Releases, named_move, recorded_move
from copperplate.updating import engine, guards, journal, recovery, unfinished
from copperplate.updating.carrying import carried
from copperplate.updating.engine import Change
from copperplate.updating.report import Report
from copperplate.updating.results import Options, State, UpdateResult
from copperplate.updating.wish import Wish

__all__ = ["Wish", "moved"]


def moved(path: Path, releases: Releases | None, wish: Wish, *, options: Options, progress: Progress) -> UpdateResult:
    """Do it. Raises `InputError` or `RefusedError`, with nothing changed, where it cannot be done."""
    root = path.resolve()
    _refuse_no_project(root)  # first of all, whatever else is wrong there
    around = repository.around(root)
    with journal.exclusive(around):
        said = recovery.recovered(around)
        try:
            result = _moved(around, releases, wish, options=options, progress=progress)
        except OSError as error:
            if not disk.is_reason(error):
                raise
            refused = disk.refusal(error, around.root, "and try again: nothing has been changed")
            refused.done = said
            raise refused from error
        except (CopperplateError, Interrupted) as error:
            error.done = said
            raise
    return replace(result, recovered=said)


def _refuse_no_project(root: Path) -> None:
    """Refuse, unless an update that was cut short has taken away what makes it a project, which is put back then."""
    try:
        project.load(root)
    except RefusedError:
        if unfinished.message(root) is None:
            raise


def _moved(
    around: Repository, releases: Releases | None, wish: Wish, *, options: Options, progress: Progress
) -> UpdateResult:
    found = project.load(around.project)
    with ExitStack() as open_:
        folder = open_.enter_context(folders.temporary())
        change = _change(open_, found, releases, wish, folder, options=options, progress=progress)
        scratch = Scratch.make(folder / "scratch.git", around)
        if isinstance(change, str):
            guards.refuse_uncommitted_answers(scratch)
            at = found.template_version
            return UpdateResult(found.root, at, at, State.UNCHANGED, "", Report(), reason=change)
        return engine.move(found, scratch, change, options=options, progress=progress)


def _change(  # noqa: PLR0913 - each decides the change
    open_: ExitStack,
    found: Project,
    releases: Releases | None,
    wish: Wish,
    folder: Path,
    *,
    options: Options,
    progress: Progress,
) -> Change | str:
    """What the wish comes to; or, where the project is so already, the reason."""
    if wish.template is not None:
        named = NamedTemplate(wish.template, wish.to, trust=options.trust)
        move = named_move(found, named, stay=wish.stay, progress=progress)
    else:
        move = open_.enter_context(recorded_move(found, releases, wish.to, stay=wish.stay, progress=progress))
    if move.stays and not wish.changes_answers:
        return ""
    before = open_.enter_context(move.before.opened(folder, trust=options.trust))
    after = before if move.stays else open_.enter_context(move.after.opened(folder, trust=options.trust))
    answers = carried(found, before.manifest, after.manifest, wish.answers(after.manifest, found.answers))
    if move.stays and answers.old == answers.new:
        return wish.already(answers.new.data())
    message = wish.subject(before, after, answers)
    return Change(before, after, answers, message, release_notes.between(after.folder, before.version, after.version))
