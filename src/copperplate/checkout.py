"""The files of a template that lies in a folder: those that git would keep, so that no stray file is ever rendered."""

import os
from pathlib import Path

from copperplate import git
from copperplate.errors import InputError

PARTS = ("copier.yml", "features", "notes", "resource", "template", "template.lock")
_STRAY = {".git", ".hg", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
_STRAY_FILES = {".DS_Store", ".coverage"}


def files(root: Path) -> list[str]:
    """Paths relative to `root` of all files of the template there, sorted; links are refused."""
    if not root.is_dir():
        raise InputError(f"{root}: there is no such folder", "name the folder or the address of a template: --template")
    if not (root / "copier.yml").is_file():
        raise InputError(f"{root} holds no copier.yml", "name the folder of a template made for Copperplate")
    kept = git.kept_files(root, PARTS)
    found = sorted(name for name in (_walk(root) if kept is None else kept) if not _is_stray(Path(name)))
    for name in found:
        if not (root / name).resolve().is_relative_to(root) or (root / name).is_symlink():
            raise InputError(f"{root / name} is a link", "a template holds plain files only")
    return found


def is_part(path: str) -> bool:
    """Whether the file at `path`, relative to the root of a template, belongs to it."""
    return Path(path).parts[0] in PARTS and not _is_stray(Path(path))


def _walk(root: Path) -> list[str]:
    names = [part for part in PARTS if (root / part).is_file()]
    for part in PARTS:
        for folder, _, entries in os.walk(root / part):
            names += [(Path(folder) / entry).relative_to(root).as_posix() for entry in entries]
    return names


def _is_stray(path: Path) -> bool:
    return bool(_STRAY.intersection(path.parts)) or path.name in _STRAY_FILES or path.suffix in {".pyc", ".pyo"}
