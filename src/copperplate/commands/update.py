"""`copperplate update`: a project moves to another version of its template, in one step or with the user's help."""

from pathlib import Path

from copperplate import project
from copperplate.git import repository
from copperplate.progress import Progress
from copperplate.templates.releases import Releases
from copperplate.updating import resuming
from copperplate.updating.results import AbortResult, Options, UpdateResult
from copperplate.updating.start import Wish, moved


def update(
    path: Path, wish: Wish, *, releases: Releases | None = None, options: Options, progress: Progress
) -> UpdateResult:
    """Update the project at `path` to a version of `releases`, which are those of its own template unless given.

    Raises `RefusedError`, with nothing changed, where something must be put right first.
    """
    return moved(project.find(path), releases, wish, options=options, progress=progress)


def resume(path: Path, *, options: Options, progress: Progress) -> UpdateResult:
    """Finish an update whose conflicts have been resolved."""
    root = project.find(path)
    return resuming.resume(root, repository.around(root), options=options, progress=progress)


def abort(path: Path) -> AbortResult:
    """Take back an update that waits for its conflicts to be resolved, or was cut short."""
    root = project.find(path)
    return resuming.abort(root, repository.around(root))
