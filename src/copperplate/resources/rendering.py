"""Rendering of resources: their files, with a revision that follows those that the project has."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.migrations.layout import Layout
from copperplate.resources import records
from copperplate.resources.specification import Resource
from copperplate.system.files import File
from copperplate.templates import render
from copperplate.templates.bundled import Release

_QUESTION = "resource/question.yml"
_REVISION_BYTES = 6


@dataclass(frozen=True, slots=True)
class Revision:
    revision: str
    parent: str | None
    file: str


def plan_revisions(resources: Sequence[Resource], head: str | None, now: datetime | None = None) -> list[Revision]:
    """One revision for each resource, the first after `head`; named as `revision` of a project names them."""
    moment = now or datetime.now(UTC)
    found: list[Revision] = []
    for resource in resources:
        revision = secrets.token_hex(_REVISION_BYTES)
        file = f"{moment:%Y%m%d_%H%M}_add_{resource.name}.py"
        found.append(Revision(revision, head, file))
        head = revision
    return found


def require_resources(template: Release) -> None:
    """Refuse a version of the template that cannot render resources."""
    if _QUESTION not in template.files:
        raise RefusedError(
            f"version {template.version} of the template does not know resources",
            "update the project first: copperplate update",
        )


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
    """The files of `resource`, by their paths in the project. `inside` is an empty folder."""
    data = {
        "package_name": package,
        "resource": resource.data(),
        "revision": {"id": revision.revision, "parent": revision.parent, "file": revision.file},
    }
    found = render.rendered_resource(
        template.files,
        data,
        version=template.version,
        source=source,
        answers_file=records.path_of(resource.name),
        inside=inside,
    )
    written = f"src/{package}/migrations/versions/{revision.file}"
    return {layout.arriving(path) if path == written else path: file for path, file in found.items()}
