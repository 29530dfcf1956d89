"""Pristine files of a project: its template and its resources, rendered and not changed."""

from pathlib import Path

from copperplate import compare
from copperplate.compare import Parts
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.resources import records, rendering
from copperplate.system.disk import File
from copperplate.templates.bundled import Release


def get(found: Project, release: Release, progress: Progress, *, trust: bool = False) -> dict[str, File]:
    """Return the files that `release` renders for the project, with those of its resources but for their revisions."""
    known = records.load(found.root)
    if not known:
        return compare.rendered_files(found, release, progress, trust=trust)

    def render(folder: Path) -> dict[str, File]:
        return rendering.render_all(known.values(), release, found.template_source, found.package_name, folder)

    parts = Parts([resource.data() for resource in known.values()], render)
    return compare.rendered_files(found, release, progress, trust=trust, parts=parts)
