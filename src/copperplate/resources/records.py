"""The resources that a project has: one answers file for each, which Copier itself can render again."""

from pathlib import Path

from copperplate import project
from copperplate.errors import RefusedError
from copperplate.resources import specification
from copperplate.resources.specification import Resource

FOLDER = ".copperplate/resources"


def path_of(name: str) -> str:
    return f"{FOLDER}/{name}.yml"


def load(root: Path) -> dict[str, Resource]:
    """Return all resources of the project at `root`, by name; raises `RefusedError` if a file cannot be read."""
    return {file.stem: _read(file) for file in sorted((root / FOLDER).glob("*.yml"))}


def _read(file: Path) -> Resource:
    recorded = project.recorded(file.read_bytes())
    damaged = RefusedError(
        f"{FOLDER}/{file.name} is not the specification of a resource",
        f"restore it from git: git checkout HEAD -- {FOLDER}/{file.name}",
    )
    try:
        data = recorded["resource"] if isinstance(recorded, dict) else {}
        found = specification.from_data(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise damaged from None
    if found.name != file.stem:
        raise damaged
    return found
