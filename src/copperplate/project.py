"""Project that was generated from a template: its root and its answers file."""

import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from copperplate.errors import RefusedError
from copperplate.errors.inputs import DamagedAnswersError, NoProjectError
from copperplate.questions import validation
from copperplate.questions.manifest import Value
from copperplate.questions.validation import UnfitError

ANSWERS_FILE = ".copier-answers.yml"
_LARGEST_BYTES = 64 * 1024
# A released version, or a commit as `git describe` writes it. Git must not read it as an option.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]{0,99}")


@dataclass(frozen=True, slots=True)
class Project:
    root: Path
    distribution_name: str
    package_name: str
    template_version: str
    template_source: str
    answers: dict[str, Value]
    """Answers as the file has them. They are validated against a manifest before a rendering."""


def find(path: Path) -> Path:
    """Return the nearest folder, from `path` upwards, with an answers file; else `path`, which `load` then refuses."""
    start = path.resolve()
    upwards = (start, *start.parents) if start.is_dir() else (start,)
    return next((folder for folder in upwards if (folder / ANSWERS_FILE).is_file()), start)


def load(path: Path) -> Project:
    """Load the project whose root is `path`; raises `RefusedError` if there is none, or if its answers are damaged."""
    root = path.resolve()
    recorded = _recorded(root / ANSWERS_FILE)
    answers = {str(name): value for name, value in recorded.items() if not str(name).startswith("_")}
    if odd := [name for name, value in answers.items() if not isinstance(value, str | bool)]:
        raise damaged(root, f"{odd[0]} is neither text nor true or false", odd[0])
    texts = {}
    for name, check in _CHECKS.items():
        try:
            texts[name] = check(_text(recorded, name))
        except UnfitError as error:
            raise damaged(root, str(error), name) from None
    return Project(
        root=root,
        distribution_name=texts["distribution_name"],
        package_name=texts["package_name"],
        template_version=texts["_commit"],
        template_source=texts["_src_path"],
        answers={name: value for name, value in answers.items() if isinstance(value, str | bool)},
    )


def recorded(raw: bytes) -> object:
    """Return the entries of an answers file, in any style of YAML; None if it cannot be read."""
    try:
        return _parsed(raw)
    except ValueError:
        return None


def _parsed(raw: bytes) -> object:
    import yaml  # noqa: PLC0415 - `--help` must not pay for it

    try:
        return yaml.load(raw, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe; in C, where it is
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _text(recorded: Mapping[object, object], name: str) -> str:
    value = recorded.get(name)
    if not isinstance(value, str):
        raise UnfitError(f"{name} is not text")
    return value


def _version(value: str) -> str:
    if not _VERSION.fullmatch(value):
        raise UnfitError(f"_commit {reprlib.repr(value)} is not a version")
    return value


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "distribution_name": partial(validation.distribution_name, locked=()),
    "package_name": partial(validation.package_name, locked=()),
    "_commit": _version,
    "_src_path": str,
}


def _recorded(file: Path) -> dict[object, object]:
    root = file.parent
    try:
        raw = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise _no_project(root) from None
    except PermissionError:
        raise RefusedError(f"{file} cannot be read", "get the right to read it") from None
    if len(raw) > _LARGEST_BYTES:
        raise damaged(root, f"it has {len(raw)} bytes")
    try:
        recorded = _parsed(raw)
    except ValueError as error:
        raise damaged(root, str(error).splitlines()[0]) from None
    if not isinstance(recorded, dict):
        raise damaged(root, "it is not a mapping")
    return recorded


def _no_project(root: Path) -> NoProjectError:
    why = f"neither it nor a folder above it has a {ANSWERS_FILE}"
    hint = "change to the folder of a project, or name it: --project PATH"
    if not root.is_dir():
        why, hint = "there is no such folder", "name the folder of a project: --project PATH"
    return NoProjectError(f"{root} is not a project of Copperplate: {why}", hint, root=root)


def damaged(root: Path, how: str, entry: str | None = None) -> DamagedAnswersError:
    """Return the error for an answers file that cannot be used."""
    file, hint = root / ANSWERS_FILE, f"restore it from git: git checkout HEAD -- {ANSWERS_FILE}"
    return DamagedAnswersError(f"{file} cannot be used: {how}", hint, file=file, entry=entry)
