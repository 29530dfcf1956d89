"""Draft of an update: the merged project as a tree. A temporary checkout locks and verifies it; then it is applied."""

import hashlib
import os
import shutil
import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from copperplate.git import commits, index
from copperplate.git.commits import Identity
from copperplate.git.scratch import Scratch
from copperplate.git.trees import Difference, Entry, compare
from copperplate.lockfile import LOCK
from copperplate.migrations.plan import Plan, settle
from copperplate.migrations.script import Change
from copperplate.progress import Progress, Steps
from copperplate.questions.manifest import Value
from copperplate.system import folders
from copperplate.system.disk import read_file
from copperplate.system.folders import KEPT
from copperplate.update import classify, merge, preflight, renderings, rules
from copperplate.update.apply import Landing, land
from copperplate.update.journal import Record
from copperplate.update.lists import resolve
from copperplate.update.renderings import Files
from copperplate.update.result import Options, Report, State, UpdateResult
from copperplate.update.rules import Outcome

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


@dataclass(frozen=True, slots=True)
class Subject:
    """Project that is changed, and the names of the change."""

    root: Path
    package_name: str
    """Names after the change."""
    distribution_name: str
    author: Identity
    message: str
    version_before: str
    """Version of the template."""
    version: str
    answers: Mapping[str, Value]
    """Entries that the answers file must have when the change is finished."""
    verb: str = "update"


@dataclass(frozen=True, slots=True)
class Draft:
    """Future state of the project; `tree` is the project's tree, not the repository's."""

    head: str
    tree: str
    outcome: Outcome
    report: Report
    absent: frozenset[str]
    lock: str | None = None
    """Lock to start from, if conflicts have to be resolved before the project can be locked."""


def draft_of(  # noqa: PLR0913 - each decides the merge
    scratch: Scratch,
    head: str,
    ours: str,
    old: Files,
    new: Files,
    *,
    version: str,
    plan: Plan | None = None,
    follow_folders: bool = False,
    beside: Collection[str] = (),
) -> Draft:
    """Merge the change from `old` to `new` into the project's tree `ours`, and check that nothing is in the way.

    If the renderings are only a part of the project, `beside` are its files that are no part of them.
    """
    entries = scratch.entries(ours)
    changed = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    own = [path for path in entries if path not in old]
    drivers = index.apply_merge_drivers(scratch, dict.fromkeys([*changed, *own]))
    two = renderings.as_stored(scratch, head, entries, old, new, whole=drivers.whole)
    sides = merge.write_sides(scratch, two[0], ours, two[1], version=version, beside=beside)
    merged = merge.merge_trees(scratch, sides, follow_folders=follow_folders)
    merged = resolve.merge_lists(scratch, sides, merged, as_merged=drivers.union)
    found = _with_unplaced(rules.apply(scratch, sides, merged), plan or Plan())
    listing = preflight.check(scratch, changes_of(scratch, found, found.tree))
    return Draft(head, found.tree, found, classify.classify_files(scratch, found), listing.absent)


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


def settle_revisions(scratch: Scratch, draft: Draft, package: str, plan: Plan) -> Draft:
    """Append the new database revisions to the project's own."""
    if plan == Plan():
        return draft
    project = check_out(scratch, draft.head, draft.tree)
    return with_revisions(scratch, draft, project, settle(project, package, plan))


def with_revisions(scratch: Scratch, draft: Draft, project: Path, changes: tuple[Change, ...]) -> Draft:
    """Return the draft with these revisions, which were written in the checkout `project`."""
    files = {change.path: read_file(project / change.path) for change in changes}
    edits = {path: Entry(f"100{file.mode:o}", scratch.store(file.content)) for path, file in files.items()}
    return replace(draft, tree=scratch.edited(draft.tree, edits), report=replace(draft.report, revisions=changes))


def verify_and_apply(
    scratch: Scratch, subject: Subject, draft: Draft, *, options: Options, steps: Steps
) -> UpdateResult:
    """Verify the project as it will be, and commit it; with conflicts, leave them to the user."""
    found, prefix = draft.outcome, scratch.repository.prefix
    conflicts = bool(found.conflicts)
    changes = changes_of(scratch, found, draft.tree)
    if draft.lock is not None:  # the lock changes later, but the journal must have it now
        changes.append(Difference(prefix + LOCK, found.ours[LOCK], found.ours[LOCK]))
    result = UpdateResult(
        project=subject.root,
        before=subject.version_before,
        after=subject.version,
        state=State.UNCHANGED,
        message=subject.message,
        report=draft.report,
        verb=subject.verb,
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
        names, keep = (subject.package_name, subject.distribution_name), options.keep_worktree
        verified, worktree = verify_tree(scratch, draft.head, draft.tree, names, progress=steps, keep=keep)
        result = replace(result, verified=verified, worktree=worktree)
        if not verified.passed:
            return replace(result, state=State.RED)
    commit = None
    if not conflicts:
        commit = commits.commit_tree(scratch, draft.head, draft.tree, subject.message, subject.author)
    entries: dict[str, index.Stages] = {change.path: {0: change.after} if change.after else {} for change in changes}
    entries |= {prefix + conflict.path: conflict.stages for conflict in found.conflicts}
    with steps.step("Apply with conflicts" if conflicts else "Apply"):
        record = Record(
            state="landing",
            prefix=prefix,
            head=draft.head,
            commit=commit,
            message=subject.message,
            version_before=subject.version_before,
            version=subject.version,
            label=found.sides.label,
            conflicts=tuple(path for path, stages in entries.items() if set(stages) - {0}),
            indexed=tuple(entries),
            staged=index.staged(scratch, draft.head) if conflicts else {},
            lock=draft.lock,
            answers=dict(subject.answers),
            verb=subject.verb,
            shared=dict(draft.report.shared),
        )
        absent = draft.absent.difference(prefix + left.path for left in found.conflicts)
        kept = land(scratch, Landing(record, tuple(changes), entries, absent))
    state = State.CONFLICTS if conflicts else State.LANDED
    return replace(result, state=state, commit=commit, kept=kept, unsigned=scratch.repository.signs and not conflicts)


def changes_of(scratch: Scratch, found: Outcome, tree: str) -> list[Difference]:
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


_CHECKOUT = "worktree"
"""Name of the checkout, beside the scratch repository."""


def check_out(scratch: Scratch, head: str, tree: str) -> Path:
    """Check out the whole repository with `tree` for the project, and return the project. It can be called again.

    The whole repository, because a project may refer to its neighbours; as a work tree of `scratch`, because tools may
    run git.
    """
    scratch.repository.complete(head)
    folder = scratch.path.with_name(_CHECKOUT)
    if not folder.exists():
        folder.mkdir()
        (folder / ".git").write_bytes(b"gitdir: " + os.fsencode(scratch.path) + b"\n")
        (scratch.path / "HEAD").write_text(f"{head}\n")
    scratch.check_out_all(commits.repository_tree(scratch, head, tree), folder)
    return folder / scratch.repository.prefix


def verify_tree(  # noqa: PLR0913 - where, what, and who shows it
    scratch: Scratch, head: str, tree: str, names: tuple[str, str], *, progress: Progress, keep: bool
) -> "tuple[VerifyResult, Path | None]":
    """Verify the project with these `names` (package, command) in the checkout; with `keep`, keep that for the user."""
    from copperplate.verify import Target, run_levels  # noqa: PLC0415 - only who asks for it pays for it

    project = check_out(scratch, head, tree)
    folder = scratch.path.with_name(_CHECKOUT)
    if keep:
        (folder.parent / KEPT).touch()
    cache = project / ".mypy_cache"
    kept = folders.cache("mypy") / f"{hashlib.sha256(os.fsencode(scratch.repository.project)).hexdigest()}.zip"
    try:
        shutil.unpack_archive(kept, cache)
    except (OSError, BadZipFile, zlib.error):  # there is none yet, or it is damaged
        shutil.rmtree(cache, ignore_errors=True)
    result = run_levels(Target(project, *names), progress=progress)
    if result.passed:
        _keep_mypy_cache(cache, kept)
    return result, folder if keep else None


_KEPT_CACHES = 20
"""Number of projects for which the cache of mypy is kept."""


def _keep_mypy_cache(cache: Path, kept: Path) -> None:
    """Keep the cache of mypy for the next verification of this project: without it, mypy takes ten times as long.

    That of another project would not do: mypy does not notice that a package has other submodules there.
    """
    with suppress(OSError):  # a cache that cannot be written is not used
        kept.parent.mkdir(parents=True, exist_ok=True)
        with folders.temporary(kept.parent) as made:
            Path(shutil.make_archive(str(made / "new"), "zip", cache)).replace(kept)
        folders.prune(list(kept.parent.glob("*.zip")), keep=_KEPT_CACHES)
