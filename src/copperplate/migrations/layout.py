"""Layout: the folders of a project's revisions, from its Alembic settings or from the template."""

import configparser
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copperplate.git import query

_HERE = "%(here)s"
_PACKAGE = re.compile(r"(\w+(?:\.\w+)*):(.+)")
"""Location inside an importable package, such as `shop:migrations`."""
_SEPARATORS = {"os": os.pathsep, ":": ":", ";": ";"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders that Alembic reads, relative to the project's root. A new revision goes into the first."""

    folders: tuple[str, ...]
    """Folders; empty if one of them is outside the project, because its revisions are then unknown."""
    recursive: bool = False

    def scripts(self, root: Path) -> list[Path]:
        """Return the files that Alembic would read as revisions, sorted."""
        pattern = "**/*.py" if self.recursive else "*.py"
        found = {file for folder in self.folders for file in (root / folder).glob(pattern)}
        return sorted(filter(is_script, found))

    def arriving(self, path: str) -> str:
        """Return the path at which the project's Alembic reads a revision that the template renders to `path`."""
        folder, _, name = path.rpartition("/")
        return path if folder in self.folders else (Path(self.folders[0]) / name).as_posix()


def read_layout(root: Path, package: str, *, otherwise: Layout | None = None) -> Layout:
    """Return the layout in the settings; `otherwise` if they are unreadable or name folders without revisions."""
    settings = _settings(root)
    found = _configured(root, settings or {}, package)
    is_unknown = settings is None or (found.folders and not found.scripts(root))
    return otherwise if otherwise and is_unknown else found


def rendered_layout(root: Path, names: Collection[str]) -> Layout | None:
    """Return the one folder of the project with revisions of these names; None if there is none, or several."""
    tracked = [Path(path) for path in query.tracked_files(root) or ()]
    folders = {path.parent.as_posix() for path in tracked if path.name in names and is_script(path)}
    return Layout(tuple(folders)) if len(folders) == 1 else None


def is_script(file: Path) -> bool:
    return not file.name.startswith(("__init__", ".#"))


def is_rendered(path: str, package: str) -> bool:
    """True if the template renders a revision to `path`, which is relative to a project's root."""
    folder, _, name = path.rpartition("/")
    return folder == f"src/{package}/migrations/versions" and name.endswith(".py") and is_script(Path(name))


def find_script(path: str, files: Sequence[Path], root: Path) -> Path | None:
    """Return the file at `path`, or the one with this name if the project keeps its revisions in another folder."""
    named = [file for file in files if file.name == path.rpartition("/")[2]]
    return root / path if root / path in named else named[0] if len(named) == 1 else None


def _configured(root: Path, settings: Mapping[str, object], package: str) -> Layout:
    if not {"script_location", "version_locations"} & settings.keys():
        settings = {**settings, **_ini_settings(root)}
    location = settings.get("script_location")
    folder = location if isinstance(location, str) else f"src/{package}/migrations"
    locations = _listed(settings.get("version_locations")) or [f"{folder}/versions"]
    places = [_of_package(root, each) or (root / each.replace(_HERE, str(root))).resolve() for each in locations]
    is_outside = not all(place.is_relative_to(root) for place in places)
    return Layout(
        () if is_outside else tuple(place.relative_to(root).as_posix() for place in places),
        recursive=settings.get("recursive_version_locations") in {True, "true"},
    )


def _settings(root: Path) -> dict[str, object] | None:
    """Return the settings in `pyproject.toml`; None if it cannot be read, for example because of a conflict."""
    try:
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        settings = tomllib.loads(text).get("tool", {}).get("alembic", {})
    except (OSError, ValueError, AttributeError):
        return None  # the lock and the checks of the project report this
    return settings if isinstance(settings, dict) else None


def _ini_settings(root: Path) -> dict[str, object]:
    """Return the settings in `alembic.ini`, if there is one."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(root / "alembic.ini", encoding="utf-8")
    except (configparser.Error, ValueError):
        return {}
    if not parser.has_section("alembic"):
        return {}
    settings: dict[str, object] = dict(parser.items("alembic"))
    locations = settings.get("version_locations")
    separator = _SEPARATORS.get(str(settings.get("path_separator", settings.get("version_path_separator", ""))))
    if isinstance(locations, str) and separator:
        settings["version_locations"] = [part.strip() for part in locations.split(separator) if part.strip()]
    return settings


def _listed(locations: object) -> list[str]:
    if isinstance(locations, list):
        return [location for location in locations if isinstance(location, str)]
    return locations.split() if isinstance(locations, str) else []


def _of_package(root: Path, location: str) -> Path | None:
    found = _PACKAGE.fullmatch(location)
    if found is None:
        return None
    places = [root / source / found[1].replace(".", "/") / found[2] for source in ("src", ".")]
    return next((place.resolve() for place in places if place.is_dir()), places[0])
