"""Application of new files to a project: checked in a throw-away checkout, then one commit, or nothing at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copperplate.git import Identity
from copperplate.history import File
from copperplate.progress import Steps
from copperplate.project import Project
from copperplate.updating import committing, guards, merge, proving, tryout
from copperplate.updating.landing import Landing, land
from copperplate.updating.scratch import Scratch
from copperplate.updating.tree import EXECUTABLE, PLAIN, Difference, Entry, compared

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
    """What the project is to become."""

    head: str
    before: str
    tree: str
    changes: tuple[Difference, ...]


def draft(scratch: Scratch, head: str, before: str, files: Mapping[str, File]) -> Draft:
    """The project with `files`. Raises `RefusedError` where one of them is in the way or has uncommitted changes."""
    entries: dict[str, Entry | None] = {
        path: Entry(EXECUTABLE if file.mode & 0o100 else PLAIN, scratch.store(file.content))
        for path, file in files.items()
    }
    tree = scratch.edited(before, entries)
    prefix = scratch.repository.prefix
    changes = [
        Difference(prefix + change.path, change.before, change.after)
        for change in compared(scratch.entries(before), scratch.entries(tree))
    ]
    guards.clear(scratch, changes)
    return Draft(head, before, tree, tuple(changes))


def preview(scratch: Scratch, found: Draft) -> Applied:
    return Applied(patch=merge.patch(scratch, found.before, found.tree))


def apply(  # noqa: PLR0913 - each decides what is applied, or how
    scratch: Scratch, project: Project, found: Draft, message: str, *, verify: bool, steps: Steps
) -> Applied:
    """Verify the project as it will be, and commit it. Where a check fails, nothing is changed."""
    verified = None
    if verify:
        there = tryout.opened(scratch, found.head, found.tree)
        names = (project.package_name, project.distribution_name)
        verified = proving.proved(there, *names, progress=steps, keep=False)
        if not verified.passed:
            return Applied(verified=verified)
    author = Identity(str(project.answers.get("author_name", "")), str(project.answers.get("author_email", "")))
    commit = committing.commit(scratch, found.head, found.tree, message, author)
    with steps.step("Apply"):
        land(
            scratch,
            Landing(
                head=found.head,
                commit=commit,
                message=message,
                version_before=project.template_version,
                version=project.template_version,
                label=message,
                changes=found.changes,
                index={change.path: {0: change.after} if change.after else {} for change in found.changes},
                absent=guards.clear(scratch, found.changes).absent,
                staged={},
                answers={},
            ),
        )
    return Applied(commit=commit, unsigned=scratch.repository.signs, verified=verified)
