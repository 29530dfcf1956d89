"""Strategies of specifications: whatever the grammar can say and the checks let through."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from copperplate.errors import InputError
from copperplate.resources import checks
from copperplate.resources.specification import (
    INTEGERS,
    LONGEST_INDEXED,
    OWNED,
    RULES,
    Field,
    Kind,
    OnDelete,
    Operation,
    Resource,
    Scope,
)

WORDS = ("total", "note", "placed_at", "code", "a1", "unit_of_measure", "external_reference_number", "label", "weight")
RESOURCES = ("orders", "tags", "long_names_of_resources", "ads")
CUSTOMERS = checks.named("customers")
TAGS = checks.named("product_tags")
TARGETS = {each.name: each.target for each in (CUSTOMERS, TAGS)}


@st.composite
def fields(draw: st.DrawFn, name: str | None = None, kind: Kind | None = None) -> Field:
    kind = kind or draw(st.sampled_from(Kind))
    rules = RULES[kind]
    found: dict[str, Any] = {"name": name or draw(st.sampled_from(WORDS)), "kind": kind}
    if kind in {Kind.REF, Kind.REFS}:
        found["to"] = draw(st.sampled_from(sorted(TARGETS)))
        found["null"] = kind is Kind.REF and draw(st.booleans())
        fates = [OnDelete.RESTRICT, OnDelete.CASCADE] + ([OnDelete.SET_NULL] if found["null"] else [])
        return Field(**found, on_delete=draw(st.sampled_from(fates)))
    found["is_list"] = rules.listed and draw(st.booleans())
    found["null"] = draw(st.booleans())
    plain = not found["is_list"]
    found["unique"] = plain and rules.unique and draw(st.booleans())
    found["index"] = plain and rules.index and not found["unique"] and draw(st.booleans())
    if rules.length:
        longest = LONGEST_INDEXED if found["unique"] or found["index"] else rules.longest
        found["length"] = draw(st.sampled_from([1, 8, 20, rules.length, longest]))
    if kind is Kind.DECIMAL:
        found["digits"] = draw(st.integers(1, 30))
        found["decimals"] = draw(st.integers(0, found["digits"] - 1))
    if kind is Kind.ENUM:
        found["values"] = tuple(
            draw(st.lists(st.sampled_from(("on", "off", "half-way", "a_b")), min_size=2, unique=True))
        )
    if plain and rules.limits and draw(st.booleans()):
        found |= draw(_limits(kind, found))
    if plain and rules.default and not (found["unique"] or found["null"]) and draw(st.booleans()):
        found["default"] = draw(_default(kind, found))
    return Field(**found)


def _limits(kind: Kind, found: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if kind is Kind.DECIMAL:
        return st.just({"minimum": 0})
    largest = INTEGERS[kind] - 1 if kind in INTEGERS else 1000
    numbers: st.SearchStrategy[Any] = st.integers(-largest, largest) if kind in INTEGERS else st.floats(-1000, 1000)
    low = numbers.map(lambda value: {"minimum": value})
    if found["unique"]:
        return low
    high = numbers.map(lambda value: {"maximum": value})
    both = st.lists(numbers, min_size=2, max_size=2, unique=True).map(sorted)
    return low | high | both.map(lambda pair: {"minimum": pair[0], "maximum": pair[1]})


def _default(kind: Kind, found: dict[str, Any]) -> st.SearchStrategy[Any]:
    low, high = found.get("minimum"), found.get("maximum")
    if kind is Kind.BOOL:
        return st.booleans()
    if kind in INTEGERS:
        beyond = INTEGERS[kind]
        return st.integers(low if low is not None else 1 - beyond, high if high is not None else beyond - 1)
    if kind is Kind.FLOAT:
        return st.floats(low if low is not None else -1000, high if high is not None else 1000)
    if kind is Kind.DECIMAL:
        fraction = f".{'5' * found['decimals']}" if found["decimals"] else ""
        return st.sampled_from(["0", f"1{fraction}"])
    if kind is Kind.ENUM:
        return st.sampled_from(found["values"])
    return st.just("x" * min(found["length"], 20))


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    """A resource that the checks let through, with up to nine fields of any types, any scope and any operations."""
    name = draw(st.sampled_from(RESOURCES))
    found = [draw(fields(word)) for word in draw(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))]
    if all(field.kind is Kind.REFS for field in found):
        found.append(Field("title", Kind.STR, length=80))
    only = draw(st.sets(st.sampled_from(Operation)).filter(lambda names: names != {Operation.REMOVE}))
    access: dict[str, Any] = {
        "scope": draw(st.sampled_from([None, *Scope])),
        "operations": checks.operations(name, only),
    }
    targets = {each.resource: replace(each, scope=draw(_scope_of_target(access["scope"]))) for each in TARGETS.values()}
    try:
        return checks.with_fields(replace(checks.named(name), **access), found, targets)
    except InputError:  # its names together are too long for PostgreSQL
        short = [replace(each, name=f"f{n}") for n, each in enumerate(found)]
        return checks.with_fields(replace(checks.named("ads"), **access), short, targets)


def _scope_of_target(scope: Scope | None) -> st.SearchStrategy[Scope | None]:
    """Rows of an owner refer to others of this kind of owner, or to those of everybody, which refer to no others."""
    return st.sampled_from([scope, Scope.NONE]) if scope in OWNED else st.just(scope)
