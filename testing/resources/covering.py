"""Covering resources: every type with every option, in each scope; every kind of reference between scopes."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from copperplate.resources import grammar
from copperplate.resources.specification import RULES, Kind, OnDelete, Operation, Scope

FIELDS = 12
"""Of one resource: few enough for its tests to say what fails."""

OPTIONS = ("", "null", "default", "unique", "index", "list", "list:null", "default:index", "unique:null", "index:null")
DEFAULTS = {
    Kind.STR: "hello",
    Kind.TEXT: "hello",
    Kind.INT: "3",
    Kind.BIGINT: "3",
    Kind.DECIMAL: "1.50",
    Kind.FLOAT: "0.5",
    Kind.BOOL: "true",
    Kind.ENUM: "on",
}
VALUES = {Kind.ENUM: ":on/off-line", Kind.STR: ":40"}
SETS = (
    tuple(Operation),
    (Operation.LIST, Operation.READ),
    (Operation.CREATE,),
    (Operation.LIST, Operation.REMOVE),
    (Operation.READ, Operation.CHANGE, Operation.REMOVE),
)

WORDS = {Scope.OWNER: "owner", Scope.ORGANISATION: "team", Scope.NONE: "none"}
"""Of names of resources, whose constraints must not have names that PostgreSQL would cut off."""

Definitions = dict[str, dict[str, Any]]


def resources() -> Definitions:
    """As `copperplate resource add --from` reads them."""
    found: Definitions = {
        "people": {"scope": Scope.OWNER.value, "fields": ["label:str:40:unique"]},
        "teams": {"scope": Scope.ORGANISATION.value, "fields": ["label:str:40:unique"]},
        "topics": {"scope": Scope.NONE.value, "fields": ["label:str:40:unique"]},
    }
    for scope, word in WORDS.items():
        targets = {Scope.OWNER: ("people", "topics"), Scope.ORGANISATION: ("teams", "topics")}.get(scope, ("topics",))
        fields = [*plain(), *_references(targets)]
        count = -(-len(fields) // FIELDS)
        chunks = [fields[start::count] for start in range(count)]
        for number, chunk in enumerate(chunks):
            found[f"{word}_rows_{number}s"] = {
                "singular": f"{word}_row_{number}",
                "scope": scope.value,
                "fields": [f"f{place}_{field}" for place, field in enumerate(chunk)],
            }
        for number, operations in enumerate(SETS[1:]):
            name = f"{word}_parts_{number}s"
            fields = [f"label:str:40:{'index' if number % 2 else 'unique'}", f"ref:ref:{targets[0]}:null"]
            found[name] = {
                "singular": f"{word}_part_{number}",
                "scope": scope.value,
                "only": [operation.value for operation in operations],
                "fields": [*fields, f"many:refs:{targets[-1]}"],
            }
    return found


def plain() -> Iterator[str]:
    for kind, option in product(Kind, OPTIONS):
        known = [name.rstrip("=") for name in grammar.options_of(kind)]
        if kind in {Kind.REF, Kind.REFS} or any(part not in known for part in option.split(":") if part):
            continue
        written = option.replace("default", f"default={DEFAULTS.get(kind)}")
        parts = [kind.value + VALUES.get(kind, ""), *([written] if written else [])]
        yield f"{kind.value}:{':'.join(parts)}"
        if RULES[kind].limits and not option:
            yield f"{kind.value}:{':'.join([*parts, 'min=0'])}"


def _references(targets: tuple[str, ...]) -> Iterator[str]:
    for target, fate in product(targets, OnDelete):
        if fate is not OnDelete.SET_NULL:
            yield f"ref:ref:{target}:{fate.value}"
            yield f"refs:refs:{target}:{fate.value}"
        yield f"ref:ref:{target}:{fate.value}:null"
