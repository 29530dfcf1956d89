"""From which version of the template a project moves to which."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate import history, template
from copperplate.errors import InputError, RefusedError
from copperplate.history import Release
from copperplate.project import Project
from copperplate.template import Template


@dataclass(frozen=True, slots=True)
class Releases:
    """All versions of one template."""

    source: str
    """As projects record it."""

    by_version: Mapping[str, Release]

    @classmethod
    def carried(cls) -> "Releases":
        """Those in this package."""
        return cls(history.SOURCE, history.released())

    @property
    def newest(self) -> str:
        return history.newest(self.by_version).version

    def opened(self, version: str, folder: Path) -> AbstractContextManager[Template]:
        """The template of that version, in a folder of its own inside `folder`."""
        return template.of_release(self.by_version[version], self.source, inside=folder)


def of_project(project: Project, releases: Releases) -> str:
    """The version that `project` is at; refused if it is none of these."""
    at = project.template_version
    if project.template_source != releases.source:
        raise RefusedError(
            f"this project was printed from {project.template_source}, not from {releases.source}",
            "name that template with --template, or print from a released one",
        )
    if at in releases.by_version:
        return at
    newest = releases.newest
    if _is_newer(at, newest):
        raise RefusedError(
            f"this project is at {at}, this copperplate knows up to {newest}: upgrade it",
            "uv tool upgrade copperplate, or however it was installed",
        )
    raise RefusedError(
        f"this project is at {at}, a version that this copperplate does not know",
        f"it knows {', '.join(releases.by_version)}; restore .copier-answers.yml if that is no version",
    )


def target(at: str, to: str | None, releases: Releases) -> str:
    """The version to move to; never back, for migrations of the database may have run."""
    if to is None:
        newest = releases.newest
        return at if _is_newer(at, newest) else newest
    if to not in releases.by_version:
        known = ", ".join(releases.by_version)
        raise InputError(f"--to {to!r:.60}: this copperplate does not know that version", f"it knows {known}")
    if _is_newer(at, to):
        raise RefusedError(
            f"--to {to} is older than {at}, which this project is at",
            "take the update back with git revert, if its migrations have not run",
        )
    return to


def _is_newer(one: str, other: str) -> bool:
    try:
        return Version(one) > Version(other)
    except InvalidVersion:
        return False
