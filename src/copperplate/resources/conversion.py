"""Conversion of a table to changed fields: what fits, what is lost, what rows get instead, and what is renamed."""

from collections.abc import Iterable
from dataclasses import dataclass

from copperplate.errors import InputError
from copperplate.resources import owners
from copperplate.resources.specification import OWNED, Field, Kind, OnDelete, Resource, Scope

_TEXTS = {Kind.STR, Kind.TEXT, Kind.EMAIL, Kind.URL}
_NUMBERS = {Kind.INT, Kind.BIGINT, Kind.DECIMAL, Kind.FLOAT}
_DAYS = {Kind.DATE, Kind.DATETIME}
_FAMILIES = (_TEXTS, _NUMBERS, _DAYS)
"""Types whose values PostgreSQL converts into each other."""

_WIDER = {(Kind.INT, Kind.BIGINT), (Kind.INT, Kind.FLOAT), (Kind.DATE, Kind.DATETIME)}
_LENGTHS = {Kind.EMAIL: 254, Kind.URL: 2000}
_NEUTRAL = {
    Kind.BOOL: "false",
    Kind.DATE: "'2000-01-01'",
    Kind.DATETIME: "'2000-01-01T00:00:00Z'",
    Kind.TIME: "'00:00'",
    Kind.DURATION: "'0'",
    Kind.UUID: "'00000000-0000-0000-0000-000000000000'",
    Kind.JSON: "'{}'",
}
_DIGITS = {Kind.INT: 10, Kind.BIGINT: 16}


def losses(old: Field, new: Field) -> Iterable[str]:
    """Return sentences about values that do not fit the changed field; refused if none of them can be converted."""
    if old.kind is new.kind and old.to != new.to:
        raise InputError(
            f"the {old.kind} {old.name} cannot lead to {new.to}: its values are ids of {old.to}",
            f"drop {old.name} and add a field of another name",
        )
    if old.is_list != new.is_list or not _is_convertible(old, new):
        raise InputError(
            f"the {_kind(old)} {old.name} cannot become a {_kind(new)}: PostgreSQL does not convert the values",
            f"drop {old.name} and add a field of another name",
        )
    if old.kind is Kind.ENUM and (gone := [value for value in old.values if value not in new.values]):
        yield f"{old.name} has no value {gone[0]} any more"
    elif old.kind != new.kind and not _is_wider(old, new):
        yield f"values of {old.name} may not fit the type {new.kind}"
    elif _is_shorter(old, new):
        yield f"values of {old.name} may be too long for it"


def _kind(field: Field) -> str:
    return f"list of {field.kind}" if field.is_list else str(field.kind)


def _is_convertible(old: Field, new: Field) -> bool:
    if old.kind is new.kind:
        return True
    return any({old.kind, new.kind} <= family for family in _FAMILIES)


def _is_wider(old: Field, new: Field) -> bool:
    if new.kind is Kind.DECIMAL and old.kind in _DIGITS:
        return (new.digits or 0) - (new.decimals or 0) >= _DIGITS[old.kind]
    if {old.kind, new.kind} <= _TEXTS:
        return new.kind not in {Kind.EMAIL, Kind.URL} and not _is_shorter(old, new)
    return (old.kind, new.kind) in _WIDER


def _is_shorter(old: Field, new: Field) -> bool:
    if old.kind is new.kind is Kind.DECIMAL:
        whole = [(field.digits or 0) - (field.decimals or 0) for field in (old, new)]
        return whole[1] < whole[0] or (new.decimals or 0) < (old.decimals or 0)
    lengths = [_LENGTHS.get(field.kind, field.length or 0) for field in (old, new)]
    return lengths[1] < lengths[0]


def neutral(field: Field) -> str:
    """Return a literal that the column takes."""
    if field.default is not None:
        return literal(field)
    if field.is_list:
        return "'{}'"
    limit = field.minimum if field.minimum is not None else field.maximum
    if field.kind in _NUMBERS:
        return str(limit or 0)
    if field.kind is Kind.ENUM:
        return f"'{field.values[0]}'"
    return _NEUTRAL.get(field.kind, "'-'")


def literal(field: Field) -> str:
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if isinstance(field.default, int | float) or field.kind is Kind.DECIMAL:
        return str(field.default)
    quoted = str(field.default).replace("'", "''")
    return f"'{quoted}'"


@dataclass(frozen=True, slots=True)
class LinkRename:
    """Rename of the table that links rows of a resource to others; each pair is an old and a new name."""

    table: tuple[str, str]
    column: tuple[str, str]
    constraints: tuple[tuple[str, str], ...]
    indexes: tuple[tuple[str, str], ...]


def link_rename(resource: Resource, old: Field, new: Field) -> LinkRename:
    """Return what changes in PostgreSQL when the field `old` of the resource is called as `new`."""
    to = resource.target if new.to == resource.name else resource.targets[str(new.to)]
    both = [(f"{resource.singular}_{field.name}", f"{field.column.removesuffix('_ids')}_id") for field in (old, new)]
    tables, columns = tuple(table for table, _ in both), tuple(column for _, column in both)
    constraints = [
        [f"pk_{table}", f"fk_{table}_{resource.singular}_id_{resource.table}", f"fk_{table}_{column}_{to.table}"]
        for table, column in both
    ]
    indexes = [[f"ix_{table}_{column}"] for table, column in both]
    if goes_with_owner(resource, new):
        owner = "organisations" if resource.scope is Scope.ORGANISATION else "users"
        for number, (table, _) in enumerate(both):
            constraints[number].append(f"fk_{table}_owner_id_{owner}")
            indexes[number].append(f"ix_{table}_owner_id")
    return LinkRename(
        table=(tables[0], tables[1]),
        column=(columns[0], columns[1]),
        constraints=tuple(zip(*constraints, strict=True)),
        indexes=tuple(zip(*indexes, strict=True)),
    )


def owner_statements(pairs: Iterable[tuple[Resource, Resource]], rows_to: str | None) -> Iterable[tuple[str, ...]]:
    """Return the SQL, in parts, by which existing rows get owners: `rows_to`, if rows of the first resource get some.

    Each of the `pairs` is a resource before and after. Rows that link two others have the owner of the first.
    """
    pairs = list(pairs)
    before, after = pairs[0]
    if rows_to is not None and owners.come(before, after):
        table = "users" if after.scope is Scope.OWNER else "organisations"
        quoted = rows_to.replace("'", "''")
        known = f"id = '{quoted}'" if owners.UUID.fullmatch(rows_to) else f"lower(email) = lower('{quoted}')"
        yield f'UPDATE "{after.table}" ', f'SET "owner_id" = (SELECT id FROM {table} ', f"WHERE {known})"  # noqa: S608 - names and a literal that were checked
    for old, new in pairs:
        known_before = {field.name: field for field in old.fields}
        for field in new.fields:
            earlier = known_before.get(field.name)
            if earlier and goes_with_owner(new, field) and not goes_with_owner(old, earlier):
                link = f"{new.singular}_{field.name}"
                yield (
                    f'UPDATE "{link}" ',
                    f'SET "owner_id" = "{new.table}"."owner_id" FROM "{new.table}" ',
                    f'WHERE "{new.table}"."id" = "{link}"."{new.singular}_id"',
                )


def goes_with_owner(resource: Resource, field: Field) -> bool:
    """True if the rows of a table that links rows to others have an owner themselves."""
    if field.kind is not Kind.REFS or field.on_delete is not OnDelete.RESTRICT:
        return False
    to = resource.scope if field.to == resource.name else resource.targets[str(field.to)].scope
    return resource.scope in OWNED and to in OWNED
