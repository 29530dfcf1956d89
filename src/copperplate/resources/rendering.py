"""Rendering of resources: their files, with a revision that follows those that the project has."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from copperplate import compare
from copperplate.compare import Parts
from copperplate.errors import RefusedError
from copperplate.migrations.layout import Layout
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.resources import definitions, naming
from copperplate.resources.specification import Resource
from copperplate.system.disk import File
from copperplate.templates import render
from copperplate.templates.bundled import Release
from copperplate.templates.location import NamedTemplate
from copperplate.templates.releases import recorded_release, release_to_compare

_QUESTION = "resource/question.yml"
_REVISION_BYTES = 6


@dataclass(frozen=True, slots=True)
class Revision:
    revision: str
    parent: str | None
    file: str


def plan_revisions(
    resources: Sequence[Resource], head: str | None, taken: Collection[str] = (), now: datetime | None = None
) -> list[Revision]:
    """Return one revision for each resource, the first after `head`, named as `revision` of a project names them.

    No file is called as one of `taken`: a resource of that name may have been added and removed in the same minute.
    """
    moment = now or datetime.now(UTC)
    found: list[Revision] = []
    for resource in resources:
        revision = secrets.token_hex(_REVISION_BYTES)
        stem = f"{moment:%Y%m%d_%H%M}_add_{resource.name}"
        numbered = (f"{stem}_{number}.py" for number in count(2))
        file = next(file for file in chain([f"{stem}.py"], numbered) if file not in taken)
        found.append(Revision(revision, head, file))
        head = revision
    return found


def shared_file(package: str) -> str:
    return f"src/{package}/{naming.SHARED_MODULE}.py"


def require_resources(template: Release) -> None:
    """Refuse a version of the template that cannot render resources."""
    if _QUESTION not in template.files:
        raise RefusedError(
            f"version {template.version} of the template does not know resources",
            "update the project first: copperplate update",
        )


def template_of(found: Project, named: NamedTemplate | None, progress: Progress) -> Release:
    """Return the project's version of the template, or that of the template which the user names."""
    release = release_to_compare(found, named, progress) if named else recorded_release(found, progress)
    if release is None:
        raise RefusedError(
            f"version {found.template_version} of the template is not available from {found.template_source!r:.200}",
            "name the template: --template URL-OR-PATH",
        )
    require_resources(release)
    return release


def render_without_revision(
    template: Release, resource: Resource, *, source: str, package: str, inside: Path
) -> dict[str, File]:
    """Return the files of `resource` that can be rendered again: all but its revision. `inside` is an empty folder."""
    return render.rendered_resource(
        template,
        {"package_name": package, "resource": resource.data()},
        source=source,
        answers_file=definitions.path_of(resource.name),
        inside=inside,
    )


def render_all(
    resources: Iterable[Resource], template: Release | None, source: str, package: str, folder: Path
) -> dict[str, File]:
    """Return the files of all resources, without revisions; none if the template does not know resources."""
    if template is None or _QUESTION not in template.files:
        return {}
    files: dict[str, File] = {}
    for resource in resources:
        inside = folder / resource.name
        inside.mkdir(parents=True)
        files |= render_without_revision(template, resource, source=source, package=package, inside=inside)
    return files


def render_resource(  # noqa: PLR0913 - each decides what is rendered
    template: Release,
    resource: Resource,
    revision: Revision,
    *,
    source: str,
    package: str,
    layout: Layout,
    inside: Path,
) -> dict[str, File]:
    """Return the files of `resource`, by their paths in the project. `inside` is an empty folder."""
    data = {
        "package_name": package,
        "resource": resource.data(),
        "revision": {"id": revision.revision, "parent": revision.parent, "file": revision.file},
    }
    found = render.rendered_resource(
        template,
        data,
        source=source,
        answers_file=definitions.path_of(resource.name),
        inside=inside,
    )
    written = f"src/{package}/migrations/versions/{revision.file}"
    return {layout.arriving(path) if path == written else path: file for path, file in found.items()}


def rendered_project(found: Project, release: Release, progress: Progress, *, trust: bool = False) -> dict[str, File]:
    """Return the files that `release` renders for the project, with those of its resources but for their revisions."""
    known = definitions.load_recorded(found.root)
    if not known:
        return compare.rendered_files(found, release, progress, trust=trust)

    def render(folder: Path) -> dict[str, File]:
        return render_all(known.values(), release, found.template_source, found.package_name, folder)

    parts = Parts([resource.data() for resource in known.values()], render)
    return compare.rendered_files(found, release, progress, trust=trust, parts=parts)
