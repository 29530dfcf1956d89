"""From which version of the template a project moves to which."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate import address, fork, history, template
from copperplate.address import Address
from copperplate.errors import InputError, RefusedError
from copperplate.history import Release
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.template import Template


@dataclass(frozen=True, slots=True)
class Releases:
    """All versions of one template."""

    source: str
    """As projects record it."""

    by_version: Mapping[str, Release]

    trust: bool = False
    """Whether it may run code when it is rendered."""

    @property
    def newest(self) -> str:
        """The highest final version; the highest of all where none is final."""
        return max(self.by_version, key=lambda version: (not Version(version).is_prerelease, Version(version)))

    @contextmanager
    def opened(self, version: str, folder: Path) -> Iterator[Template]:
        """The template of that version, its manifest in a folder of its own inside `folder`."""
        with template.of_release(self.by_version[version], self.source, inside=folder, whole=False) as opened:
            template.refuse_code(opened.manifest, self.source, trust=self.trust)
            yield opened


@contextmanager
def known(project: Project, to: str | None, *, trust: bool, progress: Progress) -> Iterator[Releases]:
    """The versions of the project's own template: those in this package, or those that are tagged where it lies."""
    source = project.template_source
    if source == history.SOURCE:
        yield Releases(source, history.released())
        return
    try:
        url = address.parsed(source).url
    except InputError:
        raise RefusedError(
            f"this project was printed from {source!r:.200}, which is no address of a template",
            "print from a released template, or from an address: then there are versions to move to",
        ) from None
    with fork.fetched(Address(url, tag=None), to, progress) as (versions, _):
        yield Releases(source, versions, trust)


def of_project(project: Project, releases: Releases) -> str:
    """The version that `project` is at; refused if it is none of these."""
    at = project.template_version
    if project.template_source != releases.source:
        raise RefusedError(
            f"this project was printed from {project.template_source}, not from {releases.source}",
            "give the versions of its own template",
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
    found = next((version for version in releases.by_version if to == version or _is_same(to, version)), None)
    if found is None:
        there_are = f"there are {', '.join(releases.by_version)}"
        raise InputError(f"--to {to!r:.60}: this copperplate does not know that version", there_are)
    if _is_newer(at, found):
        raise RefusedError(
            f"--to {to} is older than {at}, which this project is at",
            "take the update back with git revert, if its migrations have not run",
        )
    return found


def _is_same(one: str, other: str) -> bool:
    """A tag may have a prefix that its version has not."""
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False


def _is_newer(one: str, other: str) -> bool:
    try:
        return Version(one) > Version(other)
    except InvalidVersion:
        return False
