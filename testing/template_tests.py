"""Tests of the template's own code, which no project changes. Only the generator adds them to a project."""

from collections.abc import Mapping
from pathlib import Path

from copperplate import project
from copperplate.resources.rendering import shared_file
from copperplate.system import folders
from copperplate.system.disk import File
from copperplate.templates import location
from copperplate.templates.bundled import SOURCE, Release
from copperplate.templates.render import rendered
from testing import ROOT

FOLDER = ROOT / "template_tests"
"""Templates of the tests, at their paths in a project."""

SHARED = ROOT / "resource" / "files" / shared_file("{{ package_name }}")


def lay(path: Path) -> None:
    """Render the tests with the answers of the project at `path`, and write them into it."""
    write(path, files_for(path))


def files_for(path: Path) -> dict[str, str]:
    """Return the files of the tests for the project at `path`, by their paths in it.

    They have the types of fields with them, if no resource has brought these.
    """
    answers = project.load(path).answers
    names = [name for name in location.template_files(ROOT) if name.startswith(("copier.yml", "features/"))]
    template = {name: File(0o644, (ROOT / name).read_bytes()) for name in names}
    for file in FOLDER.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            template[f"template/{file.relative_to(FOLDER).as_posix()}"] = File(0o644, file.read_bytes())
    with folders.temporary() as folder:
        made = rendered(Release("0", template), answers, source=SOURCE, inside=folder)
    found = {name: file.content.decode() for name, file in made.items()}
    package = str(answers["package_name"])
    if not (path / shared_file(package)).exists():
        found[shared_file(package)] = SHARED.read_text(encoding="utf-8")
    return found


def write(path: Path, files: Mapping[str, str]) -> None:
    """Write the files into the project; none may exist there, so that its own tests stay unchanged."""
    for name, content in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(content)


def laid(path: Path) -> list[str]:
    """Return the files with tests that were laid over the project at `path`."""
    names = (file.relative_to(FOLDER).as_posix().removesuffix(".jinja") for file in sorted(FOLDER.rglob("test_*")))
    return [name for name in names if (path / name).is_file()]
