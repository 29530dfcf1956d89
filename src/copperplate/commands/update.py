"""`copperplate update`: a project moves to another version of its template."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from copperplate import project
from copperplate.progress import Progress
from copperplate.updating import engine, notes, recovery, repository, versions
from copperplate.updating.carrying import carried
from copperplate.updating.engine import Change
from copperplate.updating.report import Report
from copperplate.updating.results import Options, State, UpdateResult
from copperplate.updating.versions import Releases


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
        before = open_.enter_context(releases.opened(at))
        after = before if target == at else open_.enter_context(releases.opened(target))
        change = Change(
            before=before,
            after=after,
            answers=carried(found, before.manifest, after.manifest, answers or {}),
            message=f"Update template from {at} to {target}" if target != at else "Change answers to the template",
            notes=notes.between(after.folder, at, target),
        )
        result = engine.move(found, around, change, options=options, progress=progress)
    return replace(result, recovered=said)
