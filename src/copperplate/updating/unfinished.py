"""The update that is not finished, as commands tell of it that do not take it over."""

from pathlib import Path

from copperplate import git, project
from copperplate.errors import RefusedError
from copperplate.project import ANSWERS_FILE, Project
from copperplate.updating import journal


def message(root: Path) -> str | None:
    """What the update is to be, such as "Add example"; None where there is none."""
    located = git.locate(root) if git.available() and root.is_dir() else None
    return journal.waiting(located.git_dir) if located else None


def load(root: Path) -> Project:
    """The project at `root`; where its answers file has been deleted, the error names the update that waits."""
    try:
        return project.load(root)
    except RefusedError:
        waiting = None if (root / ANSWERS_FILE).exists() else message(root)
        if waiting is None:
            raise
        raise RefusedError(
            f"{root / ANSWERS_FILE} is gone, and an update is in progress: {waiting}",
            f"git restore {ANSWERS_FILE}; or take all back with `copperplate update --abort`",
        ) from None
