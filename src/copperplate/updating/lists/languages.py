"""Kinds of files whose lists are known, by their names."""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from copperplate.git.scratch import Scratch
from copperplate.updating.lists import lines, python, toml, yaml
from copperplate.updating.lists.listing import Listing
from copperplate.updating.lists.python import Conventions
from copperplate.updating.merge import Sides

_SETTINGS = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Language:
    listings: Callable[[str], Mapping[str, Listing]]
    """The lists of a text, by names that are the same in each version of it."""

    data: Callable[[str], object]
    """What a text means; raises `ValueError` where it cannot be read."""

    repeats: Callable[[str], Counter[str]]
    """What may not stand more often than in one of the sides; raises `ValueError` where a text cannot be read."""

    is_set: Callable[[str], bool] = lambda _: True
    """Whether both sides may add tables to the array at a path."""


def language(path: str, conventions: Conventions) -> Language | None:
    pure = PurePosixPath(path)
    if pure.suffix == ".toml":
        return Language(toml.document, toml.data, toml.repeats, toml.is_set)
    if pure.suffix in {".py", ".pyi"}:
        return Language(lambda source: python.module(source, conventions), python.data, python.repeats)
    if pure.suffix in {".yaml", ".yml"}:
        return Language(yaml.document, yaml.data, yaml.repeats)
    if pure.name.startswith(".env.") or pure.suffix == ".env":
        return Language(lines.variables, lines.data, lines.repeated_variables)
    if pure.name in {".gitignore", ".dockerignore"}:
        return Language(lines.patterns, lines.data, lines.repeated_patterns)
    return None


def conventions_of(scratch: Scratch, sides: Sides) -> Conventions:
    """The project's, by its modules and its settings of Ruff."""
    entries = scratch.entries(sides.ours)
    modules = (path.removeprefix("src/") for path in entries if path.endswith(".py"))
    found = Conventions(first_party=frozenset(path.partition("/")[0].removesuffix(".py") for path in modules))
    try:
        length = tomllib.loads(scratch.text(entries[_SETTINGS]))["tool"]["ruff"]["line-length"]
    except (KeyError, TypeError, ValueError):
        return found
    return replace(found, line_length=length) if isinstance(length, int) else found
