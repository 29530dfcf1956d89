"""Pipeline of an update: migrate the answers, render, merge, lock, verify, apply. It prints nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from copperplate import lockfile, migrations
from copperplate.errors import InputError
from copperplate.errors.inputs import DamagedAnswersError, NeedError, OutdatedAnswerError
from copperplate.errors.programs import NoCommitsError
from copperplate.git import Identity, attributes, commits, index
from copperplate.git.scratch import Scratch
from copperplate.git.trees import PLAIN, Difference, Entry, compare
from copperplate.lockfile import LOCK
from copperplate.migrations import Plan
from copperplate.progress import Progress, Steps
from copperplate.project import ANSWERS_FILE, Project
from copperplate.questions import answers as gate
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Value
from copperplate.templates.template import Note, Template
from copperplate.update import classify, merge, preflight, renderings, rules, trial
from copperplate.update.apply import Landing, land
from copperplate.update.journal import Record
from copperplate.update.lists import resolve
from copperplate.update.result import NewOption, Options, Report, State, UpdateResult
from copperplate.update.rules import Outcome


@dataclass(frozen=True, slots=True)
class AnswerMigration:
    old: Answers
    new: Answers
    new_options: tuple[NewOption, ...]
    """New questions of this version, with their answers."""

    dropped: tuple[str, ...]
    """Answers to questions that the new version no longer asks."""


def migrate_answers(project: Project, old: Manifest, new: Manifest, given: Mapping[str, object]) -> AnswerMigration:
    """Migrate the answers.

    Raises `InputError` for a bad answer in `given`, and `RefusedError` for one in the answers file.
    """
    gate.checked_given(given, new)
    before = _as_recorded(project, old)
    asked = {question.name: question for question in new.questions}
    kept = {name: value for name, value in project.answers.items() if name in asked}
    try:
        after = Answers.from_data({**kept, **given}, new)
    except InputError as error:
        if isinstance(error, NeedError) and not {error.feature, error.needed}.isdisjoint(given):
            verb = "add" if error.feature in given else "remove"
            both = f"{error.needed} {error.feature}"
            raise replace(error, hint=f"{verb} both: copperplate {verb} {both}") from error
        if not kept.keys() - given.keys():
            raise
        what = f"an answer of this project does not fit the template any more: {error.what}"
        raise OutdatedAnswerError(what, "answer it again: --data name=value") from error
    known = {question.name for question in old.questions}
    fresh = tuple(
        NewOption(name, question.help, after.data()[name])
        for name, question in asked.items()
        if name not in known and name in after.data()
    )
    return AnswerMigration(before, after, fresh, tuple(name for name in project.answers if name not in asked))


def _as_recorded(project: Project, old: Manifest) -> Answers:
    hint = f"restore it from git: git checkout HEAD -- {ANSWERS_FILE}"
    try:
        before = Answers.from_data(project.answers, old)
    except InputError as error:
        what, file = f"{ANSWERS_FILE} cannot be used: {error.what}", project.root / ANSWERS_FILE
        raise DamagedAnswersError(what, hint, file=file, entry=error.entry) from error
    if missing := [name for name in before.data() if name not in project.answers]:
        what = f"{ANSWERS_FILE} cannot be used: it does not answer {missing[0]}"
        raise DamagedAnswersError(what, hint, file=project.root / ANSWERS_FILE, entry=missing[0])
    return before


SETTINGS = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Transition:
    """Change from one state of a project to another: the template version, the answers, or both."""

    before: Template
    after: Template
    answers: AnswerMigration
    message: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Run:
    project: Project
    scratch: Scratch
    change: Transition
    steps: Steps


@dataclass(frozen=True, slots=True)
class _Draft:
    """Future state of the project; `tree` is the project's tree, not the repository's."""

    head: str
    tree: str
    outcome: Outcome
    report: Report
    absent: frozenset[str]
    lock: str | None = None
    """Lock to start from, if conflicts have to be resolved before the project can be locked."""


def run(
    project: Project, scratch: Scratch, change: Transition, *, options: Options, progress: Progress
) -> UpdateResult:
    """Run the update. Raises `RefusedError`, and changes nothing, if something is in the way."""
    steps = Steps(progress)
    run = _Run(project, scratch, change, steps)
    draft, plan = _render_and_merge(run)
    draft = _settle_migrations(run, draft, plan)
    if options.lock:
        draft = _lock(run, draft)
    result = _verify_and_apply(run, draft, options)
    return replace(result, steps=steps.done)


def _render_and_merge(run: _Run) -> tuple[_Draft, Plan]:
    project, scratch, change = run.project, run.scratch, run.change
    repository, answers = scratch.repository, change.answers
    head, ours = repository.committed()
    entries = scratch.entries(ours) if ours else {}
    if ours is None or ANSWERS_FILE not in entries:
        raise NoCommitsError(f"{project.root} is not committed", "git add and git commit it first", root=project.root)
    folder = scratch.path.parent
    with run.steps.step("Render"):
        old = renderings.rendered_files(change.before, answers.old, folder / "old")
        new = renderings.rendered_files(change.after, answers.new, folder / "new")
    with run.steps.step("Merge"):
        moves_package = answers.old.package_name != answers.new.package_name
        plan = Plan()
        if moves_package:
            migrations.refuse_turns(old, answers.old.package_name, new, answers.new.package_name)
        else:
            plan, new = migrations.prepare(old, new, project.root, answers.new.package_name)
        changed = [path for path in {**old, **new} if old.get(path) != new.get(path)]
        drivers = attributes.apply_merge_drivers(
            scratch, dict.fromkeys([*changed, *(path for path in entries if path not in old)])
        )
        two = renderings.as_stored(scratch, head, entries, old, new, whole=drivers.whole)
        sides = merge.write_sides(scratch, two[0], ours, two[1], version=change.after.version)
        merged = merge.merge_trees(scratch, sides, follow_folders=moves_package)
        merged = resolve.merge_lists(scratch, sides, merged, as_merged=drivers.union)
        found = _with_unplaced(rules.apply(scratch, sides, merged), plan)
        listing = preflight.check(scratch, _changes(scratch, found, found.tree))
    told = replace(
        classify.classify_files(scratch, found),
        notes=change.notes,
        new_options=answers.new_options,
        dropped_answers=answers.dropped,
    )
    return _Draft(head, found.tree, found, told, listing.absent), plan


def _with_unplaced(found: Outcome, plan: Plan) -> Outcome:
    """Return the merge with new revisions as conflicts, if the project keeps its own outside its folder."""
    detail = (
        "the project keeps its database revisions elsewhere: move it there, and set its down_revision to their head"
    )
    known = {conflict.path for conflict in found.conflicts}
    added = (
        merge.Conflict(path, "database revision", detail, {merge.STAGE_THEIRS: found.result[path]})
        for path in plan.unplaced
        if path not in known
    )
    return replace(found, conflicts=tuple(sorted((*found.conflicts, *added), key=lambda conflict: conflict.path)))


def _settle_migrations(run: _Run, draft: _Draft, plan: Plan) -> _Draft:
    """Append the new database revisions to the project's own."""
    if plan == Plan():
        return draft
    scratch = run.scratch
    there = trial.checkout(scratch, draft.head, draft.tree)
    package = run.change.answers.new.package_name
    changes = migrations.settle(there.project, package, plan)
    edits = trial.read_back(scratch, there, [change.path for change in changes])
    return replace(draft, tree=scratch.edited(draft.tree, edits), report=replace(draft.report, revisions=changes))


def _lock(run: _Run, draft: _Draft) -> _Draft:
    """Make the lock again if something that it depends on has changed."""
    scratch, change = run.scratch, run.change
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
    with run.steps.step("Lock"):
        after = trial.lock(scratch, draft.head, draft.tree, start)
    tree = scratch.edited(draft.tree, {LOCK: Entry(PLAIN, scratch.store(after.encode()))})
    return replace(draft, tree=tree, report=replace(draft.report, lock=lockfile.changes(before, after)))


def _verify_and_apply(run: _Run, draft: _Draft, options: Options) -> UpdateResult:
    scratch, change, found = run.scratch, run.change, draft.outcome
    answers = change.answers.new
    conflicts = bool(found.conflicts)
    changes = _changes(scratch, found, draft.tree)
    if draft.lock is not None:  # the lock changes later, but the journal must have it now
        changes.append(Difference(scratch.repository.prefix + LOCK, found.ours[LOCK], found.ours[LOCK]))
    result = UpdateResult(
        project=run.project.root,
        before=change.before.version,
        after=change.after.version,
        state=State.UNCHANGED,
        message=change.message,
        report=draft.report,
    )
    classify.refuse_lost_lines(scratch, found, draft.tree)
    if not changes:
        return result
    if options.dry_run:
        return replace(result, state=State.PREVIEWED, patch=scratch.patch(found.sides.ours, draft.tree))
    if draft.tree != found.tree or draft.lock is not None:
        # Check again, with the lock and all revisions, before the slow checks of the project.
        draft = replace(draft, absent=preflight.check(scratch, changes).absent)
    if options.verify and not conflicts:
        names, keep = (answers.package_name, answers.distribution_name), options.keep_worktree
        verified, kept = trial.verify(scratch, draft.head, draft.tree, names, progress=run.steps, keep=keep)
        result = replace(result, verified=verified, worktree=kept)
        if not verified.passed:
            return replace(result, state=State.RED)
    author = Identity(answers.author_name, answers.author_email)
    commit = None if conflicts else commits.commit_tree(scratch, draft.head, draft.tree, change.message, author)
    entries = _entries(scratch.repository.prefix, found, changes)
    with run.steps.step("Apply with conflicts" if conflicts else "Apply"):
        left = land(
            scratch,
            Landing(
                record=Record(
                    state="landing",
                    prefix=scratch.repository.prefix,
                    head=draft.head,
                    commit=commit,
                    message=change.message,
                    version_before=change.before.version,
                    version=change.after.version,
                    label=found.sides.label,
                    conflicts=tuple(path for path, stages in entries.items() if set(stages) - {0}),
                    indexed=tuple(entries),
                    staged=index.staged(scratch, draft.head) if conflicts else {},
                    lock=draft.lock,
                    answers=_changed_answers(change),
                ),
                changes=tuple(changes),
                index=entries,
                absent=draft.absent.difference(scratch.repository.prefix + left.path for left in found.conflicts),
            ),
        )
    state = State.CONFLICTS if conflicts else State.LANDED
    return replace(result, state=state, commit=commit, kept=left, unsigned=scratch.repository.signs and not conflicts)


def _changed_answers(change: Transition) -> dict[str, Value]:
    """Return the entries of the answers file after exactly this change."""
    old, new = change.answers.old.data(), change.answers.new.data()
    return {"_commit": change.after.version} | {name: value for name, value in new.items() if old.get(name) != value}


def _changes(scratch: Scratch, found: Outcome, tree: str) -> list[Difference]:
    """Return all files that change or have conflicts, with paths from the top of the work tree."""
    prefix = scratch.repository.prefix
    result = scratch.entries(tree)
    changes = compare(found.ours, result)
    known = {change.path for change in changes}
    changes += [
        Difference(conflict.path, found.ours.get(conflict.path), result.get(conflict.path))
        for conflict in found.conflicts
        if conflict.path not in known
    ]
    return [Difference(prefix + change.path, change.before, change.after) for change in changes]


def _entries(prefix: str, found: Outcome, changes: Iterable[Difference]) -> dict[str, index.Stages]:
    entries: dict[str, index.Stages] = {change.path: {0: change.after} if change.after else {} for change in changes}
    return entries | {prefix + conflict.path: conflict.stages for conflict in found.conflicts}
