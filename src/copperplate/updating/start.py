"""From what the user asks to what the engine does: find the project, its versions and its answers."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from copperplate import git, inputs, project, temporary
from copperplate.errors import CopperplateError, RefusedError
from copperplate.interrupts import Interrupted
from copperplate.manifest import Manifest, Value
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.updating import engine, journal, notes, recovery, repository, versions
from copperplate.updating.carrying import carried
from copperplate.updating.engine import Change
from copperplate.updating.report import Report
from copperplate.updating.repository import Repository
from copperplate.updating.results import Options, State, UpdateResult
from copperplate.updating.scratch import Scratch
from copperplate.updating.versions import Releases


@dataclass(frozen=True, slots=True)
class Wish:
    """What the project is to become, in the user's words."""

    to: str | None = None
    """A version of the template; None for the newest."""

    stay: bool = False
    """At the version that the project has."""

    on: tuple[str, ...] = ()
    """Features to add."""

    off: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    """Answers as `name=value`."""

    def answers(self, manifest: Manifest, current: Mapping[str, Value]) -> dict[str, object]:
        return inputs.gathered(manifest, file=None, data=self.data, with_=self.on, without=self.off, current=current)

    def message(self, before: str, after: str) -> str:
        """The subject of the commit."""
        if before != after:
            return f"Update template from {before} to {after}"
        told = ", ".join(self._told())
        return told[:1].upper() + told[1:]

    def _told(self) -> Iterator[str]:
        if self.on:
            yield f"add {' and '.join(self.on)}"
        if self.off:
            yield f"remove {' and '.join(self.off)}"
        if self.data:
            yield f"set {' and '.join(pair.partition('=')[0] for pair in self.data)}"


def moved(path: Path, releases: Releases | None, wish: Wish, *, options: Options, progress: Progress) -> UpdateResult:
    """Do it. Raises `InputError` or `RefusedError`, with nothing changed, where it cannot be done."""
    root = path.resolve()
    _refuse_no_project(root)  # first of all, whatever else is wrong there
    around = repository.around(root)
    with journal.exclusive(around):
        said = recovery.recovered(around)
        try:
            result = _moved(around, releases, wish, options=options, progress=progress)
        except (CopperplateError, Interrupted) as error:
            error.done = said
            raise
    return replace(result, recovered=said)


def _refuse_no_project(root: Path) -> None:
    """Refuse, unless an update that was cut short has taken away what makes it a project, which is put back then."""
    try:
        project.load(root)
    except RefusedError:
        located = git.locate(root) if git.available() and root.is_dir() else None
        if located is None or journal.waiting(located.git_dir) is None:
            raise


def _moved(
    around: Repository, releases: Releases | None, wish: Wish, *, options: Options, progress: Progress
) -> UpdateResult:
    found = project.load(around.project)
    with ExitStack() as open_:
        folder = open_.enter_context(temporary.folder())
        if releases is None:
            to = found.template_version if wish.stay else wish.to
            releases = open_.enter_context(versions.known(found, to, trust=options.trust, progress=progress))
        change = _change(open_, found, releases, wish, folder)
        if change is None:
            at = found.template_version
            return UpdateResult(found.root, at, at, State.UNCHANGED, "", Report())
        scratch = Scratch.make(folder / "scratch.git", around)
        return engine.move(found, scratch, change, options=options, progress=progress)


def _change(open_: ExitStack, found: Project, releases: Releases, wish: Wish, folder: Path) -> Change | None:
    """What the wish comes to; None where the project is so already."""
    at = versions.of_project(found, releases)
    target = at if wish.stay else versions.target(at, wish.to, releases)
    if target == at and not (wish.on or wish.off or wish.data):
        return None
    before = open_.enter_context(releases.opened(at, folder))
    after = before if target == at else open_.enter_context(releases.opened(target, folder))
    answers = carried(found, before.manifest, after.manifest, wish.answers(after.manifest, found.answers))
    if target == at and answers.old == answers.new:
        return None
    return Change(before, after, answers, wish.message(at, target), notes.between(after.folder, at, target))
