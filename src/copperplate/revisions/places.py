"""Where a project keeps its revisions: where its template put them, or where its `[tool.alembic]` says."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from copperplate.errors import RefusedError

_HERE = "%(here)s"


def scripts(folder: Path, package: str) -> list[Path]:
    """The files that Alembic would read as revisions, sorted."""
    root = folder.resolve()
    settings = _settings(root)
    pattern = "**/*.py" if settings.get("recursive_version_locations") is True else "*.py"
    found = {file for location in _locations(settings, package) for file in _inside(root, location).glob(pattern)}
    return sorted(filter(is_script, found))


def arriving(path: str, root: Path, package: str) -> str:
    """Where a revision that the template renders to `path` belongs, so that the project's Alembic reads it."""
    folders = [_inside(root, location) for location in _locations(_settings(root), package)]
    if (root / path).parent in folders:
        return path
    return (folders[0] / path.rpartition("/")[2]).relative_to(root).as_posix()


def is_script(file: Path) -> bool:
    return not file.name.startswith(("__init__", ".#"))


def is_rendered(path: str, package: str) -> bool:
    """Whether the template renders a revision to `path`, which is relative to a project's root."""
    folder, _, name = path.rpartition("/")
    return folder == f"src/{package}/migrations/versions" and name.endswith(".py") and is_script(Path(name))


def found(path: str, files: Sequence[Path], root: Path) -> Path | None:
    """That of `files` which stands at `path`, or has its name where the project keeps its revisions elsewhere."""
    named = [file for file in files if file.name == path.rpartition("/")[2]]
    return root / path if root / path in named else named[0] if len(named) == 1 else None


def _locations(settings: dict[str, object], package: str) -> list[str]:
    return _listed(settings.get("version_locations")) or [f"{_location(settings, package)}/versions"]


def _location(settings: dict[str, object], package: str) -> str:
    location = settings.get("script_location")
    return location if isinstance(location, str) else f"src/{package}/migrations"


def _settings(root: Path) -> dict[str, object]:
    try:
        settings = (
            tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {}).get("alembic", {})
        )
    except (OSError, ValueError, AttributeError):
        return {}  # whoever locks or checks the project tells of it
    return settings if isinstance(settings, dict) else {}


def _listed(locations: object) -> list[str]:
    if isinstance(locations, list):
        return [location for location in locations if isinstance(location, str)]
    return locations.split() if isinstance(locations, str) else []


def _inside(root: Path, location: str) -> Path:
    place = (root / location.replace(_HERE, str(root))).resolve()
    if not place.is_relative_to(root):
        raise RefusedError(
            f"the project keeps database revisions in {location}, outside of itself",
            "set script_location in pyproject.toml to a folder of the project",
        )
    return place
