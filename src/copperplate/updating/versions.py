"""Versions of a template, and from which one to which one a project moves."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from copperplate import address, fork, history, origin, template
from copperplate.address import Address
from copperplate.errors import InputError, RefusedError
from copperplate.history import Release
from copperplate.origin import UPGRADE, NamedTemplate
from copperplate.progress import Progress
from copperplate.project import ANSWERS_FILE, Project
from copperplate.template import Template


@dataclass(frozen=True, slots=True)
class Releases:
    """All versions of one template."""

    source: str
    """As projects record it."""

    by_version: Mapping[str, Release]

    @property
    def newest(self) -> str:
        """The highest final version; the highest of all where none is final."""
        return max(self.by_version, key=lambda version: (not Version(version).is_prerelease, Version(version)))


@dataclass(frozen=True, slots=True)
class Side:
    """A version of a template, and where it comes from, as the project records it."""

    release: Release
    source: str

    @contextmanager
    def opened(self, folder: Path, *, trust: bool) -> Iterator[Template]:
        """The template, its manifest in a folder of its own inside `folder`."""
        with template.of_release(self.release, self.source, inside=folder, whole=False) as opened:
            template.refuse_code(opened.manifest, self.source, trust=trust)
            yield opened


@dataclass(frozen=True, slots=True)
class Move:
    """From which version of a template a project moves to which."""

    before: Side
    after: Side

    @property
    def stays(self) -> bool:
        return self.before == self.after


@contextmanager
def of_recorded(
    found: Project, releases: Releases | None, to: str | None, *, stay: bool, progress: Progress
) -> Iterator[Move]:
    """The move within the project's own template; its versions are `releases`, if given."""
    with ExitStack() as open_:
        if releases is None:
            wanted = found.template_version if stay else to
            releases = open_.enter_context(known(found, wanted, progress))
        at = of_project(found, releases)
        goal = at if stay else target(at, to, releases)
        before = Side(releases.by_version[at], releases.source)
        yield Move(before, before if goal == at else Side(releases.by_version[goal], releases.source))


def of_named(found: Project, named: NamedTemplate, *, stay: bool, progress: Progress) -> Move:
    """The move to the template that the user names; or, with `stay`, none, and what that template has is taken.

    Raises `RefusedError` where nobody has the version that the project is at: git could not merge without it.
    """
    source = origin.of_named(found, named, progress)
    if stay:
        present = source.at or origin.recorded(found, progress) or source.newest
        side = Side(Release(found.template_version, present.files), found.template_source)
        return Move(side, side)
    own = source.at if found.template_source == source.source else origin.recorded(found, progress) or source.at
    if own is None:
        raise RefusedError(
            f"{named.where} has no version {found.template_version!r}, which this project was generated from",
            f"tag the nearest version there, write that tag as `_commit` into {ANSWERS_FILE}, commit, and try again",
        )
    if named.version and source.at and _is_newer(found.template_version, source.newest.version):
        raise _older(named.version, found.template_version)
    before = Side(Release(found.template_version, own.files), found.template_source)
    return Move(before, Side(source.newest, source.source))


@contextmanager
def known(project: Project, to: str | None, progress: Progress) -> Iterator[Releases]:
    """The versions of the project's own template: those in this package, or those that are tagged where it lies."""
    source = project.template_source
    if source == history.SOURCE:
        yield Releases(source, history.released())
        return
    try:
        url = address.parsed(source).url
    except InputError:
        raise origin.no_address(project) from None
    with fork.fetched(Address(url, tag=None), to, progress) as (versions, _):
        yield Releases(source, versions)


def of_project(project: Project, releases: Releases) -> str:
    """The version that `project` is at; refused if it is none of these."""
    at = project.template_version
    if project.template_source != releases.source:
        raise RefusedError(
            f"this project was generated from {project.template_source}, not from {releases.source}",
            "name the versions of its own template",
        )
    if at in releases.by_version:
        return at
    newest = releases.newest
    if _is_newer(at, newest):
        raise RefusedError(
            f"this project is at {at}, and this Copperplate knows only the versions up to {newest}",
            UPGRADE,
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
        raise _older(to, at)
    return found


def _older(to: str, at: str) -> RefusedError:
    return RefusedError(
        f"--to {to} is older than {at}, the version of this project",
        "a project does not go back to an older version; to undo an update, use git revert",
    )


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
