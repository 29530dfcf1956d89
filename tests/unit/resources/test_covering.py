"""Covering resources, counted by an oracle: it tries every field that the grammar reads and the checks let through."""

from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import yaml

from copperplate.errors import InputError
from copperplate.resources import checks, definitions, grammar
from copperplate.resources.owners import Owners
from copperplate.resources.specification import Kind, Operation, Resource, Scope
from testing.resources import covering

FLAGS = ("list", "unique", "index", "null", "default")
POSITIONAL = {Kind.ENUM: "a/b"}
DEFAULTS = ("a", "1", "true")


def test_every_pair_of_type_option_scope_reference_and_operations_is_covered(tmp_path: Path) -> None:
    found = resolved(tmp_path)
    covered = {pair for each in found for pair in pairs_of(each)}
    assert sorted(map(str, wanted() - covered)) == []


def test_every_operation_is_with_and_without_every_other_in_each_scope(tmp_path: Path) -> None:
    found = {
        (each.scope, operation in each.operations, operation) for each in resolved(tmp_path) for operation in Operation
    }
    assert found == set(product(Scope, (True, False), Operation))


def resolved(folder: Path) -> list[Resource]:
    file = folder / "covering.yml"
    file.write_text(yaml.safe_dump(covering.resources(), sort_keys=False))
    return definitions.resolve(definitions.read(file), {}, Owners(accounts=True, organisations=True))


def pairs_of(resource: Resource) -> set[frozenset[tuple[str, object]]]:
    found = set()
    for field in resource.fields:
        features: list[tuple[str, object]] = [("type", field.kind), ("scope", resource.scope)]
        flags = (field.is_list, field.unique, field.index, field.null, field.default is not None)
        features += [("option", name) for name, is_on in zip(FLAGS, flags, strict=True) if is_on]
        if field.to:
            features += [("fate", field.on_delete), ("to", resource.targets[field.to].scope)]
        found |= {frozenset(pair) for pair in combinations(features, 2)}
    return found


def wanted() -> set[frozenset[tuple[str, object]]]:
    """Of one field with up to two options, in a resource of each scope, with targets of each scope."""
    mine = {scope: f"{scope}s" for scope in Scope}
    found: set[frozenset[tuple[str, object]]] = set()
    for scope, kind, flags in product(Scope, Kind, [(), *((one,) for one in FLAGS), *combinations(FLAGS, 2)]):
        places = [f":{mine[to]}:{fate}" for to in Scope for fate in ("restrict", "cascade", "set-null")]
        heads = places if kind in {Kind.REF, Kind.REFS} else [f":{POSITIONAL[kind]}" if kind in POSITIONAL else ""]
        for head, value in product(heads, DEFAULTS if "default" in flags else ("",)):
            written = "".join(f":{flag}={value}" if flag == "default" else f":{flag}" for flag in flags)
            if (resource := allowed(scope, f"x:{kind}{head}{written}")) is not None:
                found |= pairs_of(resource)
    return found


def allowed(scope: Scope, field: str) -> Resource | None:
    targets = {f"{each}s": checks.named(f"{each}s", singular=f"{each}_one").target for each in Scope}
    targets = {name: replace(target, scope=each) for (name, target), each in zip(targets.items(), Scope, strict=True)}
    bare = replace(checks.named("others_rows"), scope=scope)
    try:
        return checks.with_fields(bare, [grammar.parse(field), grammar.parse("label:str")], targets)
    except InputError:
        return None
