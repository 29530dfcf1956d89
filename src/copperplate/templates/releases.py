"""Releases of a project's template: the current one, newer ones, and the target of an update."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from copperplate.errors import BrokenError, InputError, RefusedError
from copperplate.errors.inputs import (
    OlderVersionError,
    UnknownProjectVersionError,
    UnknownSourceError,
    UnknownVersionError,
)
from copperplate.git import query
from copperplate.git.run import has_git
from copperplate.progress import Progress
from copperplate.project import ANSWERS_FILE, Project
from copperplate.templates import bundled, location, remote, template
from copperplate.templates.bundled import Release, is_newer, parsed_version, version_order
from copperplate.templates.location import Address, NamedTemplate
from copperplate.templates.remote import RemoteVersions
from copperplate.templates.template import UNRELEASED, Template

UPGRADE = "upgrade Copperplate in the way in which you installed it: pip install --upgrade, pipx or uv tool upgrade"


@dataclass(frozen=True, slots=True)
class KnownVersions:
    at: Release
    """The project's version."""
    newest: Release
    stand_in: str = ""
    """Version to compare with, if the template does not have the project's version."""


@dataclass(frozen=True, slots=True)
class NamedReleases:
    """Releases that a named template has for one project."""

    source: str
    """As projects record it."""
    newest: Release
    """The version that the user asks for."""
    at: Release | None
    """The project's version; None if the template does not have it."""


def recorded_versions(found: Project) -> KnownVersions:
    """Return the versions of the project's own template. Raises `RefusedError` if this machine does not have them."""
    if found.template_source == bundled.SOURCE:
        carried = bundled.released()
        at = version_of(found, Releases(bundled.SOURCE, carried))
        return _later(carried[at], bundled.newest(carried))
    url = _address(found)
    with remote.template_repository(url) as folder:
        known = RemoteVersions(folder)
        if found.template_version not in known or known.newest is None:
            what = f"{found.root} is at {found.template_version} of {url}, which this machine has not fetched"
            raise RefusedError(what, f"copperplate features --template {url}@{found.template_version}")
        return _later(known[found.template_version], known[known.newest])


def named_versions(found: Project, named: NamedTemplate, progress: Progress) -> KnownVersions:
    """Return the versions of the named template; if it lacks the project's, the one asked for stands for both."""
    source = read_named(found, named, progress)
    if source.at is None:
        release = _as_recorded(source.newest, found)
        return KnownVersions(release, release, stand_in=f"{named.where} at {source.newest.version}")
    return KnownVersions(_as_recorded(source.at, found), source.newest)


def release_to_compare(found: Project, named: NamedTemplate, progress: Progress) -> Release:
    """Return the release for `diff`: the working tree of a folder, the requested version, or the project's version."""
    source = read_named(found, named, progress)
    own = None if named.is_plain_folder or named.version else source.at
    return _as_recorded(own or source.newest, found)


def read_named(found: Project, named: NamedTemplate, progress: Progress) -> NamedReleases:
    """Read the template that the user names; raises `InputError` if there is none."""
    if named.is_plain_folder:
        return _read_folder(found, Path(named.where))
    at = location.parse(named.where) if location.is_address(named.where) else location.of_folder(Path(named.where))
    with remote.fetch(at, named.version, progress) as (versions, tag):
        own = versions.named(found.template_version)
        # A project may have a pre-release that is later than the newest final version.
        newest = max(own, tag, key=Version) if own and not (named.version or at.tag) else tag
        return NamedReleases(at.source, versions[newest], versions[own] if own else None)


def recorded_release(found: Project, progress: Progress) -> Release | None:
    """Return the project's version, from the place where it was generated; None if it is not available."""
    if found.template_source == bundled.SOURCE:
        return bundled.released().get(found.template_version)
    if not location.is_address(found.template_source):
        folder = Path(found.template_source)
        return _committed(folder, found.template_version) if folder.is_dir() else None
    try:
        at = Address(location.parse(found.template_source).url, tag=None)
        with remote.fetch(at, found.template_version, progress) as (versions, tag):
            return versions[tag]
    except (InputError, BrokenError):  # it is no address, it has no such version, or it does not answer
        return None


def _address(found: Project) -> str:
    """Return the address that the project records; refused if it has no versions."""
    where = found.template_source
    try:
        return location.parse(where).url
    except InputError:
        if location.is_address(where):
            what = f"this project was generated from {where!r:.200}, which is no address of a template"
        else:
            what = f"this project was generated from the local folder {where!r:.200}, which has no known versions"
        raise UnknownSourceError(what, "name the template: --template URL-OR-PATH", source=where) from None


def _read_folder(found: Project, folder: Path) -> NamedReleases:
    root = folder.resolve()
    return NamedReleases(str(root), template.checkout(root), _committed(root, found.template_version))


def _committed(root: Path, version: str) -> Release | None:
    """Return the commit that a project generated from a folder records: a tag, or the output of `git describe`."""
    if version == UNRELEASED or not (root / ".git").exists() or not has_git():
        return None
    commit = query.commit_named(root, version)  # `project` has refused everything that git could read as an option
    return Release(version, remote.files_at(root, commit, version)) if commit else None


def _as_recorded(release: Release, found: Project) -> Release:
    """Return the same files as the version that the project records: a tag may have a prefix, a folder has none."""
    return Release(found.template_version, release.files)


def _later(at: Release, newest: Release) -> KnownVersions:
    """A project may have a pre-release that is later than the newest final version."""
    return KnownVersions(at, max(at, newest, key=lambda release: Version(release.version)))


@dataclass(frozen=True, slots=True)
class Releases:
    source: str
    """As projects record it."""
    by_version: Mapping[str, Release]

    @property
    def newest(self) -> str:
        """The highest final version; the highest of all where none is final."""
        return max(self.by_version, key=version_order)


@dataclass(frozen=True, slots=True)
class Side:
    """Version of a template, and its source as the project records it."""

    release: Release
    source: str

    def opened(self, folder: Path, *, trust: bool) -> AbstractContextManager[Template]:
        """Open the template, with its manifest in a new folder inside `folder`."""
        return template.of_untrusted(self.release, self.source, self.source, trust=trust, inside=folder)


@dataclass(frozen=True, slots=True)
class Move:
    """Move of a project from one version of a template to another."""

    before: Side
    after: Side

    @property
    def stays(self) -> bool:
        return self.before == self.after


def recorded_move(found: Project, releases: Releases | None, to: str | None, *, stay: bool, progress: Progress) -> Move:
    """Return the move within the project's own template, whose versions are `releases` if given."""
    wanted = found.template_version if stay else to
    with nullcontext(releases) if releases else _opened(found, wanted, progress) as known:
        at = version_of(found, known)
        goal = at if stay else target_version(at, to, known)
        before = Side(known.by_version[at], known.source)
        return Move(before, before if goal == at else Side(known.by_version[goal], known.source))


def named_move(found: Project, named: NamedTemplate, *, stay: bool, progress: Progress) -> Move:
    """Return the move to the template that the user names; with `stay`, the same version, read from that template.

    Raises `RefusedError` if the project's version cannot be found: git needs it for the merge.
    """
    source = read_named(found, named, progress)
    if stay:
        present = source.at or recorded_release(found, progress) or source.newest
        side = Side(Release(found.template_version, present.files), found.template_source)
        return Move(side, side)
    own = source.at if found.template_source == source.source else recorded_release(found, progress) or source.at
    if own is None:
        what = f"{named.where} has no version {found.template_version!r}, which this project was generated from"
        hint = f"tag the nearest version there, write that tag as `_commit` into {ANSWERS_FILE}, commit, and try again"
        raise RefusedError(what, hint)
    if named.version and source.at and is_newer(found.template_version, source.newest.version):
        raise _older(named.version, found.template_version)
    before = Side(Release(found.template_version, own.files), found.template_source)
    return Move(before, Side(source.newest, source.source))


@contextmanager
def _opened(project: Project, to: str | None, progress: Progress) -> Iterator[Releases]:
    """Return the versions of the project's own template: those in this package, or the tags of its repository."""
    source = project.template_source
    if source == bundled.SOURCE:
        yield Releases(source, bundled.released())
        return
    with remote.fetch(Address(_address(project), tag=None), to, progress) as (versions, _):
        yield Releases(source, versions)


def version_of(project: Project, releases: Releases) -> str:
    """Return the version of `project`; refused if it is none of these."""
    at = project.template_version
    if project.template_source != releases.source:
        what = f"this project was generated from {project.template_source}, not from {releases.source}"
        raise UnknownSourceError(what, "name the versions of its own template", source=project.template_source)
    if at in releases.by_version:
        return at
    newest = releases.newest
    if is_newer(at, newest):
        known = f"this Copperplate knows only the versions up to {newest}"
        what = f"{project.root} is at template version {at}, and {known}"
        raise UnknownProjectVersionError(what, UPGRADE, version=at, newest=newest)
    what = f"this project is at {at}, a version that this copperplate does not know"
    hint = f"it knows {', '.join(releases.by_version)}; restore .copier-answers.yml if that is no version"
    raise UnknownProjectVersionError(what, hint, version=at)


def target_version(at: str, to: str | None, releases: Releases) -> str:
    """Return the version to move to. It is never an older one, because database migrations may have run."""
    if to is None:
        newest = releases.newest
        return at if is_newer(at, newest) else newest
    wanted = parsed_version(to)  # a tag may have a prefix that its version does not have
    equal = (
        version for version in releases.by_version if to == version or wanted == parsed_version(version) is not None
    )
    found = next(equal, None)
    if found is None:
        there_are = f"there are {', '.join(releases.by_version)}"
        what = f"--to {to!r:.60}: this copperplate does not know that version"
        raise UnknownVersionError(what, there_are, version=to)
    if is_newer(at, found):
        raise _older(to, at)
    return found


def _older(to: str, at: str) -> OlderVersionError:
    what = f"--to {to} is older than {at}, the version of this project"
    hint = "a project cannot return to an older version; to undo an update, use git revert"
    return OlderVersionError(what, hint, version=to, at=at)
