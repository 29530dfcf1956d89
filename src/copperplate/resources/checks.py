"""Checks of a whole resource: names that are taken or reserved, names that clash, missing targets."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from copperplate.errors import InputError
from copperplate.questions.validation import suggestion
from copperplate.resources import naming
from copperplate.resources.field_checks import LONGEST_NAME, check_field, refuse_form
from copperplate.resources.specification import OWNED, RULES, Field, Kind, Operation, Resource, Scope, Target

LONGEST_SINGULAR = 24
LONGEST_ENUM = 45
LONGEST_IDENTIFIER = 63
"""Characters of a name in PostgreSQL: it cuts a longer one off."""

MOST_FIELDS = 60
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")


def named(
    name: str, *, singular: str | None = None, class_name: str | None = None, table: str | None = None
) -> Resource:
    """Return a resource without fields; names that are not given are derived from its own."""
    refuse_form(name, "resource", LONGEST_NAME)
    one = singular or naming.singular(name)
    if one is None:
        raise InputError(
            f"{name} does not look like a plural, so what one of them is called is not known",
            "write a plural such as orders; or name one of them: --singular NAME",
        )
    refuse_form(one, "singular", LONGEST_SINGULAR)
    if one == name:
        raise InputError(f"the singular of {name} is {name} too", "name one of them otherwise: --singular NAME")
    if one in naming.KEYWORDS | naming.RESERVED_VARIABLES:
        raise InputError(
            f"{one}, the singular of {name}, is a name that the code of every resource uses",
            f"choose another: --singular shop_{one}",
        )
    class_ = class_name or naming.pascal(one)
    if not _CLASS.fullmatch(class_) or len(class_) > LONGEST_SINGULAR or class_.isupper():
        raise InputError(
            f"{class_!r:.40} cannot be the name of a class",
            f"write it as OrderLine, with at most {LONGEST_SINGULAR} letters and digits: --class NAME",
        )
    if class_ in naming.RESERVED_CLASSES:
        raise InputError(
            f"the class of {name} would be called {class_}, as one that its code uses",
            f"choose another: --class Shop{class_}",
        )
    refuse_form(table or name, "table", LONGEST_NAME)
    return Resource(name, one, class_, table or name)


def operations(name: str, given: Iterable[str]) -> tuple[Operation, ...]:
    """The operations that are named, in their order; all of them if none is."""
    given = list(given)
    if odd := [each for each in given if each not in list(Operation)]:
        raise InputError(f"an operation of {name} is {odd[0]!r:.40}", suggestion(odd[0], list(Operation)))
    if set(given) == {Operation.REMOVE}:
        raise InputError(f"rows of {name} could only be removed", "add another operation, such as list")
    return tuple(each for each in Operation if each in given or not given)


def with_fields(resource: Resource, fields: Iterable[Field], targets: Mapping[str, Target]) -> Resource:
    """Return the resource with its fields, checked; `targets` are the resources that it may refer to."""
    fields = tuple(fields)
    if not fields:
        raise InputError(f"{resource.name} has no fields", f"write some: {RULES[Kind.STR].example}")
    if len(fields) > MOST_FIELDS:
        raise InputError(f"{resource.name} has {len(fields)} fields", f"at most {MOST_FIELDS} are supported: split it")
    for field in fields:
        check_field(field)
        _check_target(resource, field, targets)
    if all(field.kind is Kind.REFS for field in fields):
        raise InputError(f"{resource.name} has no field but refs", f"add another: {RULES[Kind.STR].example}")
    _refuse_clashes(resource, fields)
    found = {field.to: targets[field.to] for field in fields if field.to and field.to != resource.name}
    complete = replace(resource, fields=fields, targets=found)
    _refuse_long_identifiers(complete)
    _refuse_long_enums(complete)
    return complete


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """Return each after those that it refers to; raises `InputError` if they refer to each other in a circle."""
    left = list(resources)
    done: list[Resource] = []
    while left:
        waiting = {each.name for each in left}
        ready = next((each for each in left if waiting.isdisjoint(each.references)), None)
        if ready is None:
            raise InputError(
                f"{', '.join(sorted(waiting))} refer to each other in a circle",
                "leave one of these references out, and add it to its model by hand",
            )
        left.remove(ready)
        done.append(ready)
    return done


def refuse_taken(resource: Resource, packages: Collection[str], tables: Collection[str]) -> None:
    """Refuse names that the project has already: those of its modules, and those of its tables."""
    if resource.name in packages:
        raise InputError(
            f"the project has a module or a folder {resource.name} already",
            "choose another name; `copperplate resource list` shows the resources that there are",
        )
    if resource.table in tables:
        raise InputError(f"the project has a table {resource.table} already", "choose another: --table NAME")
    _refuse_taken_types(resource, (), tables)


def refuse_taken_types(before: Resource, after: Resource, tables: Collection[str]) -> None:
    """Refuse new fields whose table or type would have the name of a table that the project has."""
    _refuse_taken_types(after, before.fields, tables)


def _refuse_taken_types(resource: Resource, old: Collection[Field], tables: Collection[str]) -> None:
    for field in resource.fields:
        name = f"{resource.singular}_{field.name}"
        if field.kind in {Kind.REFS, Kind.ENUM} and field not in old and name in {*tables, resource.table}:
            raise InputError(
                f"the {field.kind} {field.name} needs the name {name} in PostgreSQL, which a table has already",
                "give the field another name",
            )


def _check_target(resource: Resource, field: Field, targets: Mapping[str, Target]) -> None:
    if field.to is None:
        return
    if field.to == resource.name:
        if field.kind is Kind.REF and not field.null:
            raise InputError(
                f"the ref {field.name} leads to {resource.name} itself, and cannot be empty",
                f"add null, for the first row refers to no other: {field.name}:ref:{field.to}:null",
            )
    elif field.to not in targets:
        known = [*targets, resource.name]
        raise InputError(
            f"the {field.kind} {field.name} refers to {field.to!r:.40}, which is no resource of this project",
            suggestion(field.to, known) + "; add it first",
        )
    elif targets[field.to].scope in OWNED and resource.scope is not targets[field.to].scope:
        owners = {Scope.OWNER: "users", Scope.ORGANISATION: "organisations"}
        theirs, mine = targets[field.to].scope, owners.get(resource.scope or Scope.NONE, "everybody")
        raise InputError(
            f"the {field.kind} {field.name} refers to {field.to}, whose rows belong to {owners[theirs or Scope.OWNER]}",
            f"rows of {resource.name} belong to {mine}, and would show them: give both one scope, or drop the field",
        )


def _refuse_clashes(resource: Resource, fields: tuple[Field, ...]) -> None:
    seen: dict[str, Field] = {}
    for field in fields:
        if field.kind is Kind.REFS and field.column == f"{resource.singular}_ids":
            raise InputError(
                f"the refs {field.name} need two columns {resource.singular}_id in one table",
                f"give the field another name, such as related_{field.name}",
            )
        for name in _names(resource, field):
            if name in seen and seen[name] is not field:
                raise InputError(
                    f"the fields {seen[name].name} and {field.name} both need the name {name}",
                    "give one of them another name",
                )
            seen[name] = field


def _names(resource: Resource, field: Field) -> list[str]:
    """Return the names of columns, parameters and types, which must be unique."""
    found = [field.column, f"{resource.class_name}{naming.pascal(field.column.removesuffix('_ids'))}"]
    if field.index and field.kind not in {Kind.STR, Kind.EMAIL, Kind.BOOL, Kind.UUID, Kind.ENUM}:
        found += [f"min_{field.column}", f"max_{field.column}"]
    return found


def _refuse_long_identifiers(resource: Resource) -> None:
    for name in _identifiers(resource):
        if len(name) > LONGEST_IDENTIFIER:
            raise InputError(
                f"PostgreSQL would need a name of {len(name)} characters, and takes {LONGEST_IDENTIFIER}: {name}",
                "give the field a shorter name, or the table: --table NAME",
            )


def _refuse_long_enums(resource: Resource) -> None:
    for field in resource.fields:
        name = f"{resource.singular}_{field.name}"
        if field.kind is Kind.ENUM and len(name) > LONGEST_ENUM:
            raise InputError(
                f"the type of the enum {field.name} would have a name of {len(name)} characters: {name}",
                f"at most {LONGEST_ENUM} are supported: give the field a shorter name",
            )


def _identifiers(resource: Resource) -> Iterable[str]:
    table = resource.table
    indexed = f"{table}_owner_id" if resource.scope in OWNED else table
    for field in resource.fields:
        column = field.column
        if field.kind is Kind.REFS:
            target = resource.target if field.to == resource.name else resource.targets[str(field.to)]
            link = f"{resource.singular}_{field.name}"
            yield f"fk_{link}_{column.removesuffix('_ids')}_id_{target.table}"
            yield f"fk_{link}_{resource.singular}_id_{table}"
            if resource.scope is Scope.ORGANISATION:
                yield f"fk_{link}_owner_id_organisations"
        elif field.kind is Kind.REF:
            to = table if field.to == resource.name else resource.targets[str(field.to)].table
            yield f"fk_{table}_{column}_{to}"
        yield f"ix_{indexed}_{column}_created_at_id"
        yield f"ck_{table}_{column}_not_negative"
