"""Pipeline of an update: migrate the answers, render, merge, lock, verify, apply. It prints nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from copperplate import lockfile
from copperplate.errors import InputError
from copperplate.errors.inputs import NeedError, OutdatedAnswerError
from copperplate.errors.updates import NoCommitsError
from copperplate.git.commits import Identity
from copperplate.git.scratch import Scratch
from copperplate.git.trees import PLAIN, Entry
from copperplate.lockfile import LOCK
from copperplate.migrations.plan import Plan, prepare, refuse_turns
from copperplate.progress import Progress, Steps
from copperplate.project import ANSWERS_FILE, Project, damaged
from copperplate.questions import answers as gate
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Question, Value
from copperplate.templates.template import Note, Template
from copperplate.update import renderings
from copperplate.update.draft import Draft, Subject, check_out, draft_of, settle_revisions, verify_and_apply
from copperplate.update.renderings import Files
from copperplate.update.result import NewOption, Options, UpdateResult


@dataclass(frozen=True, slots=True)
class AnswerMigration:
    old: Answers
    new: Answers
    new_options: tuple[NewOption, ...]
    """New questions of this version, with their answers."""
    dropped: tuple[str, ...]
    """Answers to questions that the new version no longer asks."""


def migrate_answers(project: Project, old: Manifest, new: Manifest, given: Mapping[str, object]) -> AnswerMigration:
    """Migrate; raises `InputError` for a bad answer in `given`, and `RefusedError` for one in the answers file."""
    gate.checked_given(given, new)
    before = _as_recorded(project, old)
    asked = {question.name: question for question in new.questions}
    kept = {name: value for name, value in project.answers.items() if name in asked}
    try:
        after = Answers.from_data({**kept, **given}, new)
    except InputError as error:
        if isinstance(error, NeedError) and not {error.feature, error.needed}.isdisjoint(given):
            raise replace(error, hint=_hint_for_both(error, asked[error.feature], given)) from error
        if not kept.keys() - given.keys():
            raise
        what = f"an answer of this project does not fit the template any more: {error.what}"
        raise OutdatedAnswerError(what, "answer it again: --data name=value") from error
    known, answered = {question.name for question in old.questions}, after.data()
    names = [name for name in asked if name not in known and name in answered]
    fresh = tuple(NewOption(name, asked[name].help, answered[name]) for name in names)
    return AnswerMigration(before, after, fresh, tuple(name for name in project.answers if name not in asked))


def _hint_for_both(error: NeedError, feature: Question, given: Mapping[str, object]) -> str:
    if error.feature not in given:
        return f"remove both: copperplate remove {error.needed} {error.feature}"
    wanted = " ".join((*error.missing, gate.named(feature, cast("Value", given[error.feature]))))
    return f"add {'both' if len(error.missing) == 1 else 'all'}: copperplate add {wanted}"


def _as_recorded(project: Project, old: Manifest) -> Answers:
    try:
        before = Answers.from_data(project.answers, old)
    except InputError as error:
        raise damaged(project.root, error.what, error.entry) from error
    if missing := [name for name in before.data() if name not in project.answers]:
        raise damaged(project.root, f"it does not answer {missing[0]}", missing[0])
    return before


SETTINGS = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of the project that have their own answers files."""

    render: Callable[[Path], tuple[Files, Files]]
    """Function that renders them before and after; it gets an empty folder."""

    shared: Mapping[str, str]
    """See `Report.shared`."""


@dataclass(frozen=True, slots=True)
class Transition:
    """Change from one state of a project to another: the template version, the answers, or both."""

    before: Template
    after: Template
    answers: AnswerMigration
    message: str
    notes: tuple[Note, ...] = ()
    parts: Parts | None = None


def run(
    project: Project, scratch: Scratch, change: Transition, *, options: Options, progress: Progress
) -> UpdateResult:
    """Run the update. Raises `RefusedError`, and changes nothing, if something is in the way."""
    steps = Steps(progress)
    draft, plan = _render_and_merge(project, scratch, change, steps)
    draft = settle_revisions(scratch, draft, change.answers.new.package_name, plan)
    if options.lock:
        draft = _lock(scratch, change, draft, steps)
    answers, old = change.answers.new, change.answers.old.data()
    changed = {name: value for name, value in answers.data().items() if old.get(name) != value}
    subject = Subject(
        root=project.root,
        package_name=answers.package_name,
        distribution_name=answers.distribution_name,
        author=Identity(answers.author_name, answers.author_email),
        message=change.message,
        version_before=change.before.version,
        version=change.after.version,
        answers={"_commit": change.after.version} | changed,
    )
    result = verify_and_apply(scratch, subject, draft, options=options, steps=steps)
    return replace(result, steps=steps.done)


def _render_and_merge(project: Project, scratch: Scratch, change: Transition, steps: Steps) -> tuple[Draft, Plan]:
    answers = change.answers
    head, ours = scratch.repository.committed()
    entries = scratch.entries(ours) if ours else {}
    if ours is None or ANSWERS_FILE not in entries:
        raise NoCommitsError(f"{project.root} is not committed", "git add and git commit it first", root=project.root)
    folder = scratch.path.parent
    with steps.step("Render"):
        old = renderings.rendered_files(change.before, answers.old, folder / "old")
        new = renderings.rendered_files(change.after, answers.new, folder / "new")
        if change.parts:
            before, after = change.parts.render(folder / "parts")
            old, new = {**old, **before}, {**new, **after}
    with steps.step("Merge"):
        moves_package = answers.old.package_name != answers.new.package_name
        plan = Plan()
        if moves_package:
            refuse_turns(old, answers.old.package_name, new, answers.new.package_name)
        else:
            plan, new = prepare(old, new, project.root, answers.new.package_name)
        draft = draft_of(
            scratch, head, ours, old, new, version=change.after.version, plan=plan, follow_folders=moves_package
        )
    told = replace(
        draft.report,
        notes=change.notes,
        new_options=answers.new_options,
        dropped_answers=answers.dropped,
        shared=change.parts.shared if change.parts else {},
    )
    return replace(draft, report=told), plan


def _lock(scratch: Scratch, change: Transition, draft: Draft, steps: Steps) -> Draft:
    """Make the lock again if something that it depends on has changed."""
    found = draft.outcome
    if LOCK not in found.ours or change.after.lock is None:
        return draft
    name = change.answers.new.distribution_name
    template = lockfile.with_root_name(change.after.lock.read_text(encoding="utf-8"), name)
    before = scratch.text(found.ours[LOCK])
    start = lockfile.compose(before, template, newer=change.before.version != change.after.version)
    if SETTINGS in {conflict.path for conflict in found.conflicts}:
        return replace(draft, lock=start)
    if start == before and found.result.get(SETTINGS) == found.ours.get(SETTINGS):
        return draft
    with steps.step("Lock"):
        after = lockfile.lock(check_out(scratch, draft.head, draft.tree), start)
    tree = scratch.edited(draft.tree, {LOCK: Entry(PLAIN, scratch.store(after.encode()))})
    return replace(draft, tree=tree, report=replace(draft.report, lock=lockfile.changes(before, after)))
