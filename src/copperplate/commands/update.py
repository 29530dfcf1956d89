"""`copperplate update`: a project moves to another version of its template."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from copperplate import project
from copperplate.progress import Progress
from copperplate.updating import engine, notes, recovery, repository, resuming, versions
from copperplate.updating.carrying import carried
from copperplate.updating.engine import Change
from copperplate.updating.report import Report
from copperplate.updating.results import AbortResult, Options, State, UpdateResult
from copperplate.updating.scratch import Scratch
from copperplate.updating.versions import Releases
from copperplate.updating.workspace import workspace


def update(
    path: Path,
    releases: Releases,
    *,
    to: str | None = None,
    answers: Mapping[str, object] | None = None,
    options: Options,
    progress: Progress,
) -> UpdateResult:
    """Update the project at `path` to the version `to`, or the newest; `answers` go before those that it has.

    Raises `RefusedError`, with nothing changed, where something must be put right first.
    """
    found = project.load(path)
    around = repository.around(found.root)
    said = recovery.recovered(around)
    if said:
        found = project.load(path)
    at = versions.of_project(found, releases)
    target = versions.target(at, to, releases)
    if target == at and not answers:
        return UpdateResult(found.root, at, at, State.UNCHANGED, "", Report(), recovered=said)
    with ExitStack() as open_:
        folder = open_.enter_context(workspace())
        before = open_.enter_context(releases.opened(at, folder))
        after = before if target == at else open_.enter_context(releases.opened(target, folder))
        change = Change(
            before=before,
            after=after,
            answers=carried(found, before.manifest, after.manifest, answers or {}),
            message=f"Update template from {at} to {target}" if target != at else "Change answers to the template",
            notes=notes.between(after.folder, at, target),
        )
        scratch = Scratch.make(folder / "scratch.git", around)
        result = engine.move(found, scratch, change, options=options, progress=progress)
    return replace(result, recovered=said)


def resume(path: Path, *, options: Options, progress: Progress) -> UpdateResult:
    """Finish an update whose conflicts have been resolved."""
    root = path.resolve()
    return resuming.resume(root, repository.around(root), options=options, progress=progress)


def abort(path: Path) -> AbortResult:
    """Take back an update that waits for its conflicts to be resolved, or was cut short."""
    root = path.resolve()
    return resuming.abort(root, repository.around(root))
