"""Revised specification of a resource: fields added, changed, renamed or dropped, and the effect on rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from copperplate.errors import InputError
from copperplate.questions.validation import suggestion
from copperplate.resources import checks, conversion, grammar, owners
from copperplate.resources.conversion import LinkRename, link_rename
from copperplate.resources.definitions import Definition
from copperplate.resources.owners import ACCOUNTS, Owners
from copperplate.resources.specification import OPERATIONS, Field, Kind, Resource, Target


@dataclass(frozen=True, slots=True)
class Wish:
    """Request of a user: `fields` are written as `grammar` reads them, `renames` as `old:new`."""

    fields: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    renames: tuple[str, ...] = ()
    lossy: bool = False
    scope: str | None = None
    rows_to: str | None = None
    """Owner whom existing rows are given: the address or the id of a user, or the id of an organisation."""

    only: tuple[str, ...] = ()
    """Its operations; empty to keep those that it has."""


@dataclass(frozen=True, slots=True)
class Revised:
    before: Resource
    after: Resource
    renames: Mapping[str, str]
    """Columns, by their old names."""

    loses: tuple[str, ...]
    """Sentences about values that are lost."""

    unfilled: tuple[str, ...]
    """Required fields for which existing rows have no value."""

    types: Mapping[str, str]
    """Types of enums that are renamed, by their old names."""

    links: tuple[LinkRename, ...]
    """Tables of `refs` that are renamed."""

    dependents: tuple[tuple[Resource, Resource], ...] = ()
    """Resources that refer to it and whose code depends on the change, before and after."""

    rows_to: str | None = None
    """See `Wish`."""

    @property
    def gives(self) -> tuple[tuple[str, ...], ...]:
        """Return the SQL, in parts, by which existing rows get owners."""
        return tuple(conversion.owner_statements(((self.before, self.after), *self.dependents), self.rows_to))

    @property
    def fills(self) -> dict[str, str]:
        """Return the SQL literals that existing rows get, by column: required fields with a default."""
        old = {self.renames.get(field.column, field.column): field for field in self.before.fields}
        return {
            field.column: conversion.literal(field)
            for field in self.after.fields
            if field.default is not None and (field.column not in old or old[field.column].null)
        }

    @property
    def returns(self) -> dict[str, str]:
        """Return the SQL literals that rows get when the change is undone, by old column: their values are gone."""
        new = {field.column: field for field in self.after.fields}
        back = [(field, new.get(self.renames.get(field.column, field.column))) for field in self.before.fields]
        return {
            field.column: conversion.neutral(field)
            for field, later in back
            if not field.null and field.kind not in {Kind.REF, Kind.REFS} and (later is None or later.null)
        }


def revise(
    resource: Resource,
    wish: Wish,
    targets: Mapping[str, Target],
    referring: Iterable[Resource] = (),
    possible: Owners = ACCOUNTS,
) -> Revised:
    """Return the revised specification, checked. Raises `InputError` for a change that is not possible.

    `referring` are the resources that refer to it; `possible` are the owners that rows can have in the project.
    """
    renames = dict(_pair(text) for text in wish.renames)
    given = {field.name: field for field in map(grammar.parse, wish.fields)}
    if not (given or wish.drops or renames or wish.scope or wish.only or wish.rows_to):
        raise InputError(
            "no change is named", "name fields as for `add`, or --drop FIELD, --rename OLD:NEW, --scope or --only"
        )
    _refuse_contradictions(resource, wish, given, renames)
    kept = [
        replace(field, name=renames.get(field.name, field.name))
        for field in resource.fields
        if field.name not in wish.drops
    ]
    fields = [given.get(field.name, field) for field in kept]
    fields += [field for name, field in given.items() if name not in {field.name for field in kept}]
    bare = replace(
        resource,
        fields=(),
        targets={},
        scope=owners.scope(resource.name, wish.scope, possible) if wish.scope else resource.scope,
        operations=checks.operations(resource.name, wish.only) if wish.only else resource.operations,
    )
    after = checks.with_fields(bare, fields, targets)
    old = {field.name: field for field in kept}
    changed = [(old.get(field.name), field) for field in after.fields if old.get(field.name) != field]
    renamed = [(field, replace(field, name=renames[field.name])) for field in resource.fields if field.name in renames]
    revised = Revised(
        before=resource,
        after=after,
        renames={one.column: other.column for one, other in renamed if one.kind is not Kind.REFS},
        loses=(
            *(f"the values of {name} are dropped" for name in wish.drops),
            *(why for one, other in changed if one for why in conversion.losses(one, other)),
            *owners.losses(resource, after, wish.rows_to),
        ),
        unfilled=tuple(_unfilled(changed)),
        types={
            f"{resource.singular}_{one.name}": f"{resource.singular}_{other.name}"
            for one, other in renamed
            if one.kind is Kind.ENUM
        },
        links=tuple(link_rename(after, one, other) for one, other in renamed if one.kind is Kind.REFS),
        dependents=tuple(_dependents(resource, after, targets, referring)),
        rows_to=wish.rows_to,
    )
    _refuse_loss(revised, wish)
    return revised


def wish_for(
    resource: Resource, definition: Definition, renames: Sequence[str], possible: Owners = ACCOUNTS, *, lossy: bool
) -> Wish:
    """Return the wish by which `resource` becomes as it is defined. Fields that the definition leaves out are dropped.

    `possible` are the owners that rows can have in the project. Raises `InputError` if the definition has other names
    for it, since these stay.
    """
    names = {
        "singular": (definition.singular, resource.singular),
        "class": (definition.class_name, resource.class_name),
        "table": (definition.table, resource.table),
    }
    for key, (new, old) in names.items():
        if new is not None and new != old:
            raise InputError(
                f"the {key} of {resource.name} is {old}, and would be {new}", f"names stay: write {key}: {old}"
            )
    later = dict(_pair(text) for text in renames)
    before = {
        field.name: field for field in (replace(each, name=later.get(each.name, each.name)) for each in resource.fields)
    }
    given = [grammar.parse(text) for text in definition.fields]
    defined = {field.name for field in given}
    old_names = {new: old for old, new in later.items()}
    return Wish(
        fields=tuple(grammar.format_field(field) for field in given if before.get(field.name) != field),
        drops=tuple(old_names.get(name, name) for name in before if name not in defined),
        renames=tuple(renames),
        lossy=lossy,
        scope=definition.scope or (possible.default if resource.scope else None),
        only=definition.only or tuple(operation.value for operation in OPERATIONS),
    )


def _pair(text: str) -> tuple[str, str]:
    old, colon, new = text.partition(":")
    if not (old and colon and new):
        raise InputError(f"--rename {text!r:.60} does not name two fields", "write --rename OLD:NEW")
    return old, new


def _refuse_contradictions(
    resource: Resource, wish: Wish, given: Mapping[str, Field], renames: Mapping[str, str]
) -> None:
    known = [field.name for field in resource.fields]
    for name in (*wish.drops, *renames):
        if name not in known:
            raise InputError(f"{resource.name} has no field {name!r:.40}", suggestion(name, known))
    if both := [name for name in (*renames, *renames.values()) if name in given or name in wish.drops]:
        pair = next(text for text in wish.renames if both[0] in text.split(":"))
        raise InputError(
            f"{both[0]} is renamed and changed at once",
            f"rename it first, then change it: copperplate resource change {resource.name} --rename {pair}",
        )
    if both := [name for name in wish.drops if name in given]:
        raise InputError(f"{both[0]} is dropped and given at once", "leave one of them out")


def _dependents(
    before: Resource, after: Resource, targets: Mapping[str, Target], referring: Iterable[Resource]
) -> Iterable[tuple[Resource, Resource]]:
    """Return the resources whose code depends on the scope or the operations of the one that they refer to."""
    if before.target == after.target:
        return
    known = {**targets, after.name: after.target}
    for each in referring:
        yield each, checks.with_fields(replace(each, fields=(), targets={}), each.fields, {**each.targets, **known})


def _refuse_loss(revised: Revised, wish: Wish) -> None:
    if wish.lossy:
        return
    if revised.loses:
        hint = "to allow that: --lossy"
        if owners.come(revised.before, revised.after) and not wish.rows_to:
            hint = f"to give them to somebody: --rows-to {owners.placeholder(revised.after.scope)}; {hint}"
        raise InputError(f"{'; '.join(revised.loses)}", hint)
    if revised.unfilled:
        name = revised.unfilled[0]
        raise InputError(
            f"the field {name} is required, and existing rows have no value for it",
            f"give it a default= or null; or, if the table is empty wherever it is migrated: --lossy, for {name}",
        )


def _unfilled(changed: Sequence[tuple[Field | None, Field]]) -> Iterable[str]:
    for old, new in changed:
        is_new = old is None or old.null
        if is_new and not new.null and new.default is None and new.kind is not Kind.REFS:
            yield new.name
