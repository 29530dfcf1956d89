"""Checks of specifications: names that are taken or reserved, options that do not go together, missing targets."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from copperplate.errors import InputError
from copperplate.questions.validation import suggestion
from copperplate.resources import grammar, naming, reserved
from copperplate.resources.kinds import INTEGERS, LONGEST_INDEXED, MOST_DIGITS, RULES, Kind, OnDelete, Operation, Scope
from copperplate.resources.specification import Field, Resource, Target

LONGEST_NAME, LONGEST_SINGULAR = 30, 24
LONGEST_ENUM = 45
LONGEST_IDENTIFIER = 63
"""Characters of a name in PostgreSQL: it cuts a longer one off."""

MOST_FIELDS = 60
_NAME = re.compile(r"[a-z](_?[a-z0-9])*")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")
_VALUE = re.compile(r"[a-z]([_-]?[a-z0-9])*")


def named(
    name: str, *, singular: str | None = None, class_name: str | None = None, table: str | None = None
) -> Resource:
    """A resource without fields, with all its names: those that are not given follow from its own."""
    _refuse_form(name, "resource", LONGEST_NAME)
    one = singular or naming.singular(name)
    if one is None:
        raise InputError(
            f"{name} does not look like a plural, so what one of them is called is not known",
            "write a plural such as orders; or name one of them: --singular NAME",
        )
    _refuse_form(one, "singular", LONGEST_SINGULAR)
    if one == name:
        raise InputError(f"the singular of {name} is {name} too", "name one of them otherwise: --singular NAME")
    if one in reserved.KEYWORDS | reserved.VARIABLES:
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
    if class_ in reserved.CLASSES:
        raise InputError(
            f"the class of {name} would be called {class_}, as one that its code uses",
            f"choose another: --class Shop{class_}",
        )
    _refuse_form(table or name, "table", LONGEST_NAME)
    return Resource(name, one, class_, table or name)


def scope(name: str, given: str | None, *, has_accounts: bool) -> Scope | None:
    """The scope of a resource; rows belong to users wherever there are users, unless it is said otherwise."""
    if given is not None and given not in list(Scope):
        raise InputError(f"the scope of {name} is {given!r:.40}", suggestion(given, list(Scope)))
    if has_accounts:
        return Scope(given or Scope.OWNER)
    if given == Scope.OWNER:
        raise InputError(
            f"rows of {name} cannot have an owner: this project has no accounts",
            "leave out the scope; or add accounts first: copperplate add auth=session",
        )
    return None


def operations(name: str, given: Iterable[str]) -> tuple[Operation, ...]:
    """The operations that are named, in their order; all of them if none is."""
    given = list(given)
    if odd := [each for each in given if each not in list(Operation)]:
        raise InputError(f"an operation of {name} is {odd[0]!r:.40}", suggestion(odd[0], list(Operation)))
    if set(given) == {Operation.REMOVE}:
        raise InputError(f"rows of {name} could only be removed", "add another operation, such as list")
    return tuple(each for each in Operation if each in given or not given)


def with_fields(resource: Resource, fields: Iterable[Field], targets: Mapping[str, Target]) -> Resource:
    """The resource with its fields, all of them checked; `targets` are the resources that it may refer to."""
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


def check_field(field: Field) -> None:
    """Refuse a field that cannot be, whatever the others are."""
    _check_field_name(field)
    rules = RULES[field.kind]
    options = {
        "list": (field.is_list, rules.listed),
        "unique": (field.unique, rules.unique),
        "index": (field.index, rules.index),
        "null": (field.null, rules.null),
        "default": (field.default is not None, rules.default),
        "min": (field.minimum is not None, rules.limits),
        "max": (field.maximum is not None, rules.limits and field.kind is not Kind.DECIMAL),
    }
    for name, (is_given, is_allowed) in options.items():
        if is_given and not is_allowed:
            known = ", ".join(grammar.options_of(field.kind)) or "none"
            raise InputError(
                f"the {field.kind} {field.name} has the option {name}, which a {field.kind} does not have",
                f"its options are: {known}",
            )
    given = [name for name, (is_given, _) in options.items() if is_given]
    for one, other in (("unique", "index"), ("unique", "default"), ("null", "default"), ("unique", "max")):
        if one in given and other in given:
            raise InputError(f"the field {field.name} is both {one} and {other}", _WHY[one, other])
    if field.is_list and (extra := [name for name in given if name not in {"list", "null"}]):
        raise InputError(f"the list {field.name} has the option {extra[0]}", "a list can only be null, or not")
    _CHECKS.get(field.kind, _check_nothing)(field)
    _check_limits(field)


_WHY = {
    ("unique", "index"): "leave out index: what is unique has one",
    ("unique", "default"): "leave out default: a second row with it would be refused",
    ("null", "default"): "leave out one of them: a field with a default always has a value",
    ("unique", "max"): "leave out max: there would be too few values",
}


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """Each after those that it refers to; raises `InputError` where they refer to each other in a circle."""
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
    links = {f"{resource.singular}_{field.name}" for field in resource.fields if field.kind is Kind.REFS}
    if taken := sorted({resource.table, *links} & set(tables)):
        raise InputError(f"the project has a table {taken[0]} already", "choose another: --table NAME")


def _refuse_form(name: str, what: str, longest: int) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r:.60} cannot be the name of a {what}",
            "use lower-case letters, digits and single underscores, a letter first, such as order_lines",
        )
    if len(name) > longest:
        raise InputError(f"{name!r:.60} has {len(name)} characters", f"a {what} has at most {longest}")
    if name in reserved.KEYWORDS:
        raise InputError(f"{name} is a keyword of Python", "choose another name")


def _check_field_name(field: Field) -> None:
    _refuse_form(field.name, "field", LONGEST_NAME)
    name = field.column
    if field.kind in {Kind.REF, Kind.REFS} and field.name.endswith(("_id", "_ids")):
        raise InputError(
            f"the {field.kind} {field.name} ends as its column will by itself",
            f"leave that out: {field.name.rpartition('_')[0]}:{field.kind}:{field.to}",
        )
    if name in reserved.FIELDS or name.startswith("model_"):
        raise InputError(
            f"{name} cannot be the name of a field: {_reason(name)}", f"choose another, such as {field.name}_value"
        )
    if name in reserved.SUFFIXES:
        raise InputError(
            f"{name} cannot be the name of a field: a class of the resource is called so",
            f"choose another, such as {name}_value",
        )


def _reason(name: str) -> str:
    if name in reserved.COLUMNS:
        return "every resource has it by itself"
    if name in reserved.OWNER:
        return "it says which user a row belongs to"
    if name in reserved.KEYWORDS:
        return "it is a keyword of Python"
    if name in reserved.SQL_WORDS:
        return "it is a reserved word of SQL"
    if name in reserved.QUERY_PARAMETERS:
        return "lists have a parameter of that name"
    return "Python, Pydantic or SQLAlchemy use it"


def _check_nothing(field: Field) -> None:
    del field


def _check_length(field: Field) -> None:
    longest = RULES[field.kind].longest
    if not 1 <= (field.length or 0) <= longest:
        raise InputError(f"the {field.kind} {field.name} has the length {field.length}", f"it can be 1 to {longest}")
    if (field.unique or field.index) and (field.length or 0) > LONGEST_INDEXED:
        raise InputError(
            f"the field {field.name} has an index and {field.length} characters",
            f"an index takes at most {LONGEST_INDEXED}: {field.name}:{field.kind}:{LONGEST_INDEXED}",
        )
    if field.default is not None:
        text = str(field.default)
        if not 1 <= len(text) <= (field.length or 0) or not text.strip() or not text.isprintable():
            raise InputError(
                f"default of the {field.kind} {field.name} is {text!r:.40}",
                f"write 1 to {field.length} printable characters, on one line",
            )


def _check_digits(field: Field) -> None:
    digits, decimals = field.digits or 0, field.decimals or 0
    if not (1 <= digits <= MOST_DIGITS and 0 <= decimals < digits):
        raise InputError(
            f"the decimal {field.name} has {digits} digits and {decimals} decimals",
            f"it has 1 to {MOST_DIGITS} digits, of which fewer stand behind the point: {field.name}:decimal:12/2",
        )
    if field.minimum is not None and field.minimum != 0:
        raise InputError(
            f"min of the decimal {field.name} is {field.minimum}",
            "it can only be 0; a larger number is limited by the count of its digits",
        )
    if field.default is not None:
        sign, _, number = str(field.default).rpartition("-")
        whole, _, fraction = number.partition(".")
        if sign or len(whole) > digits - decimals or len(fraction) > decimals or not whole.isdigit():
            raise InputError(
                f"default of the decimal {field.name} is {field.default}",
                f"write a number of at most {digits - decimals} digits before and {decimals} behind the point",
            )


def _check_values(field: Field) -> None:
    odd = [value for value in field.values if not _VALUE.fullmatch(value) or len(value) > LONGEST_NAME]
    if odd or len(set(field.values)) < 2:  # noqa: PLR2004 - one value is no choice
        what = f"the value {odd[0]!r:.40}" if odd else "fewer than two values"
        raise InputError(
            f"the enum {field.name} has {what}",
            f"write two or more words of lower-case letters, digits, _ and -: {field.name}:enum:draft/paid",
        )
    members = [value.replace("-", "_") for value in field.values]
    if len(set(members)) < len(members):
        raise InputError(f"the enum {field.name} has a value twice", "write each value once")
    if field.default is not None and field.default not in field.values:
        raise InputError(
            f"default of the enum {field.name} is {field.default!r:.40}",
            suggestion(str(field.default), field.values),
        )


def _check_reference(field: Field) -> None:
    if field.on_delete is OnDelete.SET_NULL and not field.null:
        raise InputError(
            f"the {field.kind} {field.name} is emptied by set-null, and cannot be empty",
            f"add null, or take {OnDelete.RESTRICT} or {OnDelete.CASCADE}",
        )


def _check_limits(field: Field) -> None:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low >= high:
        raise InputError(f"min of the field {field.name} is {low}, and max is {high}", "min is less than max")
    if field.kind in INTEGERS:
        beyond = INTEGERS[field.kind]
        for name, value in (("min", low), ("max", high), ("default", field.default)):
            if isinstance(value, int) and not -beyond < value < beyond:
                raise InputError(
                    f"{name} of the {field.kind} {field.name} is {value}", f"it can be {1 - beyond} to {beyond - 1}"
                )
    if isinstance(field.default, int | float) and not isinstance(field.default, bool):
        value = field.default
        is_within = (low is None or value >= low) and (high is None or value <= high)
        if not is_within:
            raise InputError(
                f"default of the field {field.name} is {value}, which its limits refuse",
                "write a number within min and max",
            )


_CHECKS = {
    Kind.STR: _check_length,
    Kind.TEXT: _check_length,
    Kind.DECIMAL: _check_digits,
    Kind.ENUM: _check_values,
    Kind.REF: _check_reference,
    Kind.REFS: _check_reference,
}


def _check_target(resource: Resource, field: Field, targets: Mapping[str, Target]) -> None:
    if field.to is None:
        return
    if field.to == resource.name:
        if field.kind is Kind.REFS:
            raise InputError(
                f"the refs {field.name} lead to {resource.name} itself", "only a ref can: write its model by hand"
            )
        if not field.null:
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
    elif targets[field.to].scope is Scope.OWNER and resource.scope is not Scope.OWNER:
        raise InputError(
            f"the {field.kind} {field.name} refers to {field.to}, whose rows belong to users",
            f"rows of {resource.name} belong to everybody, and would show them: leave out the scope, or the field",
        )


def _refuse_clashes(resource: Resource, fields: tuple[Field, ...]) -> None:
    seen: dict[str, Field] = {}
    for field in fields:
        for name in _names(resource, field):
            if name in seen and seen[name] is not field:
                raise InputError(
                    f"the fields {seen[name].name} and {field.name} both need the name {name}",
                    "give one of them another name",
                )
            seen[name] = field


def _names(resource: Resource, field: Field) -> list[str]:
    """All that must not be there twice: columns, parameters, types."""
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
    indexed = f"{table}_owner_id" if resource.scope is Scope.OWNER else table
    for field in resource.fields:
        column = field.column
        if field.kind is Kind.REFS:
            target = resource.targets[str(field.to)]
            link = f"{resource.singular}_{field.name}"
            yield f"fk_{link}_{column.removesuffix('_ids')}_id_{target.table}"
            yield f"fk_{link}_{resource.singular}_id_{table}"
        elif field.kind is Kind.REF:
            to = table if field.to == resource.name else resource.targets[str(field.to)].table
            yield f"fk_{table}_{column}_{to}"
        yield f"ix_{indexed}_{column}_created_at_id"
        yield f"ck_{table}_{column}_not_negative"
