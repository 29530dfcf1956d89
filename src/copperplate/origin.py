"""The template that a project was printed from, as far as it is known without network."""

from dataclasses import dataclass

from packaging.version import Version

from copperplate import address, history, repository
from copperplate.errors import InputError, RefusedError
from copperplate.fork import Versions
from copperplate.history import Release
from copperplate.project import Project


@dataclass(frozen=True, slots=True)
class Origin:
    at: Release
    """The version that the project is at."""
    newest: Release


def of_project(found: Project) -> Origin:
    """Raises `RefusedError` where this machine does not have the template, or not that version of it."""
    if found.template_source == history.SOURCE:
        return _carried(found)
    try:
        url = address.parsed(found.template_source).url
    except InputError:
        raise RefusedError(
            f"{found.root} was printed from {found.template_source!r:.200}, which is no address of a template",
            "only versions of a template can be compared with, not a folder as it once stood",
        ) from None
    with repository.of_template(url) as folder:
        known = Versions(folder)
        if found.template_version not in known or known.newest is None:
            raise RefusedError(
                f"{found.root} is at {found.template_version} of {url}, which this machine has not fetched",
                f"copperplate features --template {url}@{found.template_version}",
            )
        return _later(known[found.template_version], known[known.newest])


def _carried(found: Project) -> Origin:
    releases = history.released()
    newest = history.newest(releases)
    if found.template_version not in releases:
        raise RefusedError(
            f"{found.root} is at template version {found.template_version}, "
            f"this Copperplate knows up to {newest.version}",
            "upgrade it: uv tool upgrade copperplate",
        )
    return _later(releases[found.template_version], newest)


def _later(at: Release, newest: Release) -> Origin:
    """A project may be at a preview of what comes after the newest final version."""
    return Origin(at, max(at, newest, key=lambda release: Version(release.version)))
