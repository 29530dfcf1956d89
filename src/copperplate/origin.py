"""The template of a project: the recorded one, as far as it is known without network, or one that the user names."""

from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from copperplate import address, checkout, fork, git, history, repository
from copperplate.address import Address
from copperplate.errors import BrokenError, InputError, RefusedError
from copperplate.fork import Versions
from copperplate.history import Release
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.system.files import read_file
from copperplate.template import UNRELEASED

UPGRADE = "upgrade Copperplate in the way in which you installed it: pip install --upgrade, pipx or uv tool upgrade"


@dataclass(frozen=True, slots=True)
class Origin:
    at: Release
    """The version that the project is at."""
    newest: Release
    stand_in: str = ""
    """What is compared with, where the template does not have the version that the project is at."""


@dataclass(frozen=True, slots=True)
class NamedTemplate:
    """A template that the user names: an address, or the path of a folder."""

    where: str
    version: str | None = None
    """One of its tags; without it, the newest one, or the folder as it stands."""
    trust: bool = False
    """Whether it may run code when it is rendered."""

    @property
    def is_plain_folder(self) -> bool:
        """Whether the folder as it stands is meant, and not one of its versions."""
        return self.version is None and not address.is_address(self.where)


@dataclass(frozen=True, slots=True)
class Source:
    """What a named template offers to one project."""

    source: str
    """As projects record it."""
    newest: Release
    """The version that the user asks for."""
    at: Release | None
    """The version that the project is at; None where the template does not have it."""


def of_project(found: Project) -> Origin:
    """Raises `RefusedError` where this machine does not have the template, or not that version of it."""
    if found.template_source == history.SOURCE:
        return _carried(found)
    try:
        url = address.parsed(found.template_source).url
    except InputError:
        raise no_address(found) from None
    with repository.of_template(url) as folder:
        known = Versions(folder)
        if found.template_version not in known or known.newest is None:
            raise RefusedError(
                f"{found.root} is at {found.template_version} of {url}, which this machine has not fetched",
                f"copperplate features --template {url}@{found.template_version}",
            )
        return _later(known[found.template_version], known[known.newest])


def compared(found: Project, named: NamedTemplate, progress: Progress) -> Origin:
    """The versions of the template that the user names, of which one stands for the version that the project is at.

    Where the template does not have that version, the one that the user asks for stands for both.
    """
    source = of_named(found, named, progress)
    if source.at is None:
        release = _as_recorded(source.newest, found)
        return Origin(release, release, stand_in=f"{named.where} at {source.newest.version}")
    return Origin(_as_recorded(source.at, found), source.newest)


def to_compare(found: Project, named: NamedTemplate, progress: Progress) -> Release:
    """What `diff` compares with: the folder as it stands, the version that is asked for, or the project's own one."""
    source = of_named(found, named, progress)
    own = None if named.is_plain_folder or named.version else source.at
    return _as_recorded(own or source.newest, found)


def of_named(found: Project, named: NamedTemplate, progress: Progress) -> Source:
    """Read the template that the user names; raises `InputError` where there is none."""
    if named.is_plain_folder:
        return _of_folder(found, Path(named.where))
    at = address.parsed(named.where) if address.is_address(named.where) else address.of_folder(Path(named.where))
    with fork.fetched(at, named.version, progress) as (versions, tag):
        own = versions.named(found.template_version)
        # A project may be at a preview of what comes after the newest final version.
        newest = max(own, tag, key=Version) if own and not (named.version or at.tag) else tag
        return Source(at.source, versions[newest], versions[own] if own else None)


def recorded(found: Project, progress: Progress) -> Release | None:
    """The version that the project is at, from where the project was generated; None where it cannot be had."""
    if found.template_source == history.SOURCE:
        return history.released().get(found.template_version)
    if not address.is_address(found.template_source):
        folder = Path(found.template_source)
        return _committed(folder, found.template_version) if folder.is_dir() else None
    try:
        at = Address(address.parsed(found.template_source).url, tag=None)
        with fork.fetched(at, found.template_version, progress) as (versions, tag):
            return versions[tag]
    except (InputError, BrokenError):  # it is no address, it has no such version, or nobody answers there
        return None


def no_address(found: Project) -> RefusedError:
    """The refusal where a project records no address that has versions."""
    where = found.template_source
    if address.is_address(where):
        what = f"this project was generated from {where!r:.200}, which is no address of a template"
    else:
        what = f"this project was generated from the local folder {where!r:.200}, which has no known versions"
    return RefusedError(what, "name the template: --template URL-OR-PATH")


def _of_folder(found: Project, folder: Path) -> Source:
    root = folder.resolve()
    files = {name: read_file(root / name) for name in checkout.files(root)}
    newest = Release(git.describe(root) or UNRELEASED, files)
    return Source(str(root), newest, _committed(root, found.template_version))


def _committed(root: Path, version: str) -> Release | None:
    """The commit that a project records when it is generated from a folder: by `git describe`, or a tag."""
    if version == UNRELEASED or not (root / ".git").exists() or not git.available():
        return None
    named = f"{version}^{{commit}}"  # `project` has let through only what git cannot take for an option
    found = git.output("rev-parse", "--verify", "--quiet", named, cwd=root, accepted=(0, 1, 128))
    return Release(version, fork.files(root, found.stdout.decode().strip(), version)) if found.code == 0 else None


def _as_recorded(release: Release, found: Project) -> Release:
    """The same files under the version that the project records: a tag may have a prefix, a folder has no version."""
    return Release(found.template_version, release.files)


def _carried(found: Project) -> Origin:
    releases = history.released()
    newest = history.newest(releases)
    if found.template_version not in releases:
        raise RefusedError(
            f"{found.root} is at template version {found.template_version}, "
            f"and this Copperplate knows only the versions up to {newest.version}",
            UPGRADE,
        )
    return _later(releases[found.template_version], newest)


def _later(at: Release, newest: Release) -> Origin:
    """A project may be at a preview of what comes after the newest final version."""
    return Origin(at, max(at, newest, key=lambda release: Version(release.version)))
