"""Definitions of resources: those that a user writes, made into specifications, and those that a project has recorded.

A user writes them on the command line or in a YAML file. A project has one answers file for each, which Copier itself
can render again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from copperplate import project
from copperplate.errors import InputError, RefusedError
from copperplate.questions.validation import suggestion
from copperplate.resources import checks, grammar, specification
from copperplate.resources.owners import NOBODY, Owners, scope
from copperplate.resources.specification import Resource, Target

_KEYS = ("fields", "singular", "class", "table", "scope", "only")
_EXAMPLE = "write, below its name, a list of fields such as number:str:20:unique"
_LARGEST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Definition:
    name: str
    fields: tuple[str, ...]
    """As `grammar` reads them."""

    singular: str | None = None
    class_name: str | None = None
    table: str | None = None
    scope: str | None = None
    only: tuple[str, ...] = ()
    """Its operations; all, if none is named."""


def read(file: Path) -> tuple[Definition, ...]:
    """Return the resources of a YAML file: names with lists of fields, or with `fields` and other names."""
    import yaml  # noqa: PLC0415 - `--help` must not pay for it

    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{file} is larger than a megabyte", "split it")
        found = yaml.safe_load(file.read_bytes())
    except FileNotFoundError:
        raise InputError(f"there is no file {file}", "name a YAML file with resources: --from FILE") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{file} cannot be read: {str(error).splitlines()[0]}", "correct that file") from None
    if not isinstance(found, dict) or not found:
        raise InputError(f"{file} has no resources", f"write names of resources; {_EXAMPLE}")
    return tuple(_definition(str(name), value) for name, value in found.items())


def resolve(
    definitions: Iterable[Definition],
    existing: Mapping[str, Target],
    owners: Owners = NOBODY,
) -> list[Resource]:
    """Return the specifications, checked, each after those that it refers to.

    In a project that has organisations or accounts, the rows of a resource belong to them, unless it says otherwise.
    """
    definitions = list(definitions)
    bare = {
        each.name: replace(
            checks.named(each.name, singular=each.singular, class_name=each.class_name, table=each.table),
            scope=scope(each.name, each.scope, owners),
            operations=checks.operations(each.name, each.only),
        )
        for each in definitions
    }
    if len(bare) < len(definitions):
        raise InputError("a resource is defined twice", "define each once")
    targets = {**existing, **{name: resource.target for name, resource in bare.items()}}
    complete = [
        checks.with_fields(bare[each.name], [grammar.parse(field) for field in each.fields], targets)
        for each in definitions
    ]
    return checks.in_order(complete)


def _definition(name: str, value: object) -> Definition:
    if isinstance(value, list):
        return Definition(name, _fields(name, value))
    if not isinstance(value, dict):
        raise InputError(f"the resource {name:.60} has no fields", _EXAMPLE)
    if odd := [str(key) for key in value if key not in _KEYS]:
        raise InputError(f"the resource {name:.60} has an entry {odd[0]!r:.40}", suggestion(odd[0], _KEYS))
    names = {key: value.get(key) for key in ("singular", "class", "table", "scope")}
    if odd := [key for key, text in names.items() if text is not None and not isinstance(text, str)]:
        raise InputError(f"{odd[0]} of the resource {name:.60} is no text", "write a name")
    only = value.get("only", [])
    if not isinstance(only, list) or not all(isinstance(operation, str) for operation in only):
        raise InputError(f"only of the resource {name:.60} is no list of texts", "write such as: [list, read]")
    return Definition(
        name,
        _fields(name, value.get("fields")),
        names["singular"],
        names["class"],
        names["table"],
        names["scope"],
        tuple(only),
    )


def _fields(name: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever the file has
    if isinstance(value, dict):
        value = [f"{field}:{rest}" for field, rest in value.items()]
    if not isinstance(value, list) or not all(isinstance(field, str) for field in value):
        raise InputError(f"the fields of {name:.60} are no list of texts", _EXAMPLE)
    return tuple(value)


FOLDER = ".copperplate/resources"


def path_of(name: str) -> str:
    return f"{FOLDER}/{name}.yml"


def load_recorded(root: Path) -> dict[str, Resource]:
    """Return all resources of the project at `root`, by name; raises `RefusedError` if a file cannot be read."""
    return {file.stem: _read_recorded(file) for file in sorted((root / FOLDER).glob("*.yml"))}


def _read_recorded(file: Path) -> Resource:
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
