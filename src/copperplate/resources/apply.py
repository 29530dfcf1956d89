"""Application of new files to a project: checked in a throw-away checkout, then one commit, or nothing at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copperplate.git import Identity, commits
from copperplate.git.scratch import Scratch
from copperplate.git.trees import EXECUTABLE, PLAIN, Difference, Entry, compare
from copperplate.progress import Steps
from copperplate.project import Project
from copperplate.system.disk import File
from copperplate.update import preflight
from copperplate.update.apply import Landing, land
from copperplate.update.draft import verify_tree
from copperplate.update.journal import Record

if TYPE_CHECKING:
    from copperplate.verify.results import VerifyResult


@dataclass(frozen=True, slots=True)
class Applied:
    patch: str = ""
    commit: str | None = None
    unsigned: bool = False
    verified: "VerifyResult | None" = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Future state of the project."""

    head: str
    before: str
    tree: str
    changes: tuple[Difference, ...]


def draft(scratch: Scratch, head: str, before: str, files: Mapping[str, File]) -> Draft:
    """Return the project with `files`; refused if one of them is in the way or has uncommitted changes."""
    entries: dict[str, Entry | None] = {
        path: Entry(EXECUTABLE if file.mode & 0o100 else PLAIN, scratch.store(file.content))
        for path, file in files.items()
    }
    tree = scratch.edited(before, entries)
    prefix = scratch.repository.prefix
    changes = [
        Difference(prefix + change.path, change.before, change.after)
        for change in compare(scratch.entries(before), scratch.entries(tree))
    ]
    preflight.check(scratch, changes)
    return Draft(head, before, tree, tuple(changes))


def preview(scratch: Scratch, found: Draft) -> Applied:
    return Applied(patch=scratch.patch(found.before, found.tree))


def apply(  # noqa: PLR0913 - each decides what is applied, or how
    scratch: Scratch, project: Project, found: Draft, message: str, *, verify: bool, steps: Steps
) -> Applied:
    """Verify the project as it will be, and commit it. If a check fails, nothing is changed."""
    verified = None
    if verify:
        names = (project.package_name, project.distribution_name)
        verified, _ = verify_tree(scratch, found.head, found.tree, names, progress=steps, keep=False)
        if not verified.passed:
            return Applied(verified=verified)
    commit = commits.commit_tree(scratch, found.head, found.tree, message, Identity.of(project.answers))
    with steps.step("Apply"):
        index = {change.path: {0: change.after} if change.after else {} for change in found.changes}
        record = Record(
            state="landing",
            prefix=scratch.repository.prefix,
            head=found.head,
            commit=commit,
            message=message,
            version_before=project.template_version,
            version=project.template_version,
            label=message,
            indexed=tuple(index),
        )
        absent = preflight.check(scratch, found.changes).absent
        land(scratch, Landing(record, found.changes, index, absent))
    return Applied(commit=commit, unsigned=scratch.repository.signs, verified=verified)
