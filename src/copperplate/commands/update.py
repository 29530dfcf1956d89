"""Commands `copperplate update`, `add`, `remove` and `set`: change the template version or the answers of a project."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from copperplate import project
from copperplate.errors import RefusedError
from copperplate.git import repository
from copperplate.git.repository import Repository
from copperplate.git.scratch import Scratch
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.questions import inputs
from copperplate.questions.manifest import Manifest, Value, written
from copperplate.resources import definitions, owners, rendering
from copperplate.resources.owners import Owners
from copperplate.resources.specification import Scope
from copperplate.system import folders
from copperplate.templates import template
from copperplate.templates.location import NamedTemplate
from copperplate.templates.releases import Releases, named_move, recorded_move
from copperplate.templates.template import Template
from copperplate.update import pipeline, preflight
from copperplate.update.pipeline import AnswerMigration, Parts, Transition, migrate_answers
from copperplate.update.renderings import Files
from copperplate.update.result import AbortResult, Options, Report, State, UpdateResult
from copperplate.update.resume import abort as abort_update
from copperplate.update.resume import resume as resume_update

_LONGEST = 72
"""Length limit of a subject, by git's convention; answers are left out of a longer one."""


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    to: str | None = None
    """A version of the template; None for the newest."""
    stay: bool = False
    """True to stay at the project's version."""
    on: tuple[str, ...] = ()
    """Features to add; a feature with choices is given with its value, as `auth=session`."""
    off: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    """Answers as `name=value`."""
    template: str | None = None
    """The address or folder of the template, if it is not the recorded one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the answers in `data`, by name."""
        return tuple(pair.partition("=")[0] for pair in self.data)

    def answers(self, manifest: Manifest, current: Mapping[str, Value]) -> dict[str, object]:
        return inputs.gathered(manifest, file=None, data=self.data, with_=self.on, without=self.off, current=current)

    def subject(self, before: Template, after: Template, answers: AnswerMigration) -> str:
        """Return the commit's subject, such as `Update template from 1.0 to 1.1` or `Set license to Apache-2.0`."""
        if before.version != after.version:
            return f"Update template from {before.version} to {after.version}"
        old, new = answers.old.data(), answers.new.data()
        changed = {name: value for name, value in new.items() if old.get(name) != value}
        names = {name: f"{name} to {written(new[name]) or 'nothing'}" for name in changed}
        told = ", ".join(self._parts(changed, names))
        if len(told) > _LONGEST:
            told = ", ".join(self._parts(changed, {name: name for name in changed}))
        if not told:
            return f"Update to the template in {after.source}"
        return told[:1].upper() + told[1:]

    def already(self, answers: Mapping[str, Value]) -> str:
        """Return why there is nothing to do for a project with these answers; empty if no answer was to change."""
        on = [named.partition("=")[0] for named in self.on]
        reasons = [f"{name} is already enabled" for name in on]
        reasons += [f"{name} is not enabled" for name in self.off]
        reasons += [f"{name} is already {written(answers[name]) or 'nothing'}" for name in self.names]
        hint = ""
        if len(on) == 1:
            is_switch = isinstance(answers[on[0]], bool)
            verb, change = ("remove", f"remove {on[0]}") if is_switch else ("change", f"set {on[0]}=…")
            hint = f" To {verb} it: `copperplate {change}`."
        return ", ".join(reasons) + ": nothing to do." + hint

    def _parts(self, changed: Mapping[str, Value], names: Mapping[str, str]) -> Iterator[str]:
        """Describe the requested changes that really change something."""
        if added := [named for named in self.on if named.partition("=")[0] in changed]:
            yield f"add {' and '.join(added)}"
        if removed := [name for name in self.off if name in changed]:
            yield f"remove {' and '.join(removed)}"
        if answered := [names[name] for name in self.names if name in changed]:
            yield f"set {' and '.join(answered)}"


def update(
    path: Path, request: UpdateRequest, *, releases: Releases | None = None, options: Options, progress: Progress
) -> UpdateResult:
    """Update the project around `path` to a version of `releases`, by default those of its own template.

    Raises `InputError` or `RefusedError`, and changes nothing, if it cannot be done.
    """
    root = project.find(path)
    _refuse_no_project(root)  # first, before any other problem there is reported
    around = repository.around(root)
    result, done = preflight.run_exclusively(
        around, lambda: _run_locked(around, releases, request, options=options, progress=progress)
    )
    return replace(result, recovered=done)


def resume(path: Path, *, options: Options, progress: Progress) -> UpdateResult:
    """Finish an update whose conflicts have been resolved."""
    root = project.find(path)
    result = resume_update(root, repository.around(root), options=options, progress=progress)
    if not (shared := result.report.shared):
        return result
    return replace(result, report=replace(result.report, shared=_still_shared(root, shared)))


def _still_shared(root: Path, shared: Mapping[str, str]) -> Mapping[str, str]:
    """Return those resources of `shared` whose rows are everybody's: the user may have resolved conflicts otherwise."""
    try:
        known = definitions.load_recorded(root)
    except RefusedError:  # a specification that the user has damaged; the update itself is done
        return {}
    return {name: hint for name, hint in shared.items() if name in known and known[name].scope is Scope.NONE}


def abort(path: Path) -> AbortResult:
    """Take back an update that has conflicts, or that was interrupted."""
    root = project.find(path)
    return abort_update(root, repository.around(root))


def _refuse_no_project(root: Path) -> None:
    """Refuse a folder without an answers file. If an interrupted update has removed that file, restore it instead."""
    try:
        project.load(root)
    except RefusedError:
        if preflight.unfinished_update(root) is None:
            raise


def _run_locked(
    around: Repository, releases: Releases | None, request: UpdateRequest, *, options: Options, progress: Progress
) -> UpdateResult:
    found = project.load(around.project)
    with ExitStack() as open_:
        folder = open_.enter_context(folders.temporary())
        change = _transition(open_, found, releases, request, folder, options=options, progress=progress)
        scratch = Scratch.make(folder / "scratch.git", around)
        if isinstance(change, str):
            preflight.refuse_uncommitted_answers(scratch)
            at = found.template_version
            return UpdateResult(found.root, at, at, State.UNCHANGED, "", Report(), reason=change)
        return pipeline.run(found, scratch, change, options=options, progress=progress)


def _transition(  # noqa: PLR0913 - each decides the change
    open_: ExitStack,
    found: Project,
    releases: Releases | None,
    request: UpdateRequest,
    folder: Path,
    *,
    options: Options,
    progress: Progress,
) -> Transition | str:
    """Return the change that is requested, or the reason why there is nothing to change."""
    if request.template is not None:
        named = NamedTemplate(request.template, request.to, trust=options.trust)
        move = named_move(found, named, stay=request.stay, progress=progress)
    else:
        move = recorded_move(found, releases, request.to, stay=request.stay, progress=progress)
    if move.stays and not (request.on or request.off or request.data):
        return ""
    before = open_.enter_context(move.before.opened(folder, trust=options.trust))
    after = before if move.stays else open_.enter_context(move.after.opened(folder, trust=options.trust))
    answers = migrate_answers(found, before.manifest, after.manifest, request.answers(after.manifest, found.answers))
    if move.stays and answers.old == answers.new:
        return request.already(answers.new.data())
    message = request.subject(before, after, answers)
    notes = template.notes_between(after.folder, before.version, after.version)
    return Transition(before, after, answers, message, notes, _resources(found, before, after, answers))


def _resources(found: Project, before: Template, after: Template, answers: AnswerMigration) -> Parts | None:
    """Return the resources of the project before and after; None if their renderings do not change."""
    old = definitions.load_recorded(found.root)
    possible = Owners.of(answers.new.data())
    new = owners.carried_over(old, Owners.of(answers.old.data()), possible)
    packages = answers.old.package_name, answers.new.package_name
    if old == new and (not old or (before is after and packages[0] == packages[1])):
        return None

    def render(folder: Path) -> tuple[Files, Files]:
        sides = zip((old, new), (before, after), packages, ("old", "new"), strict=True)
        first, second = (
            rendering.render_all(known.values(), side.release, side.source, package, folder / name)
            for known, side, package, name in sides
        )
        return first, second

    scope = possible.default
    shared = {
        name: f"copperplate resource change {name} --scope {scope} --rows-to {owners.placeholder(scope)}"
        for name in owners.become_shared(old, new)
    }
    return Parts(render, shared)
