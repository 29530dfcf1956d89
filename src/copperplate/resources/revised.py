"""Revised specification of a resource: fields added, changed, renamed or dropped, and the effect on rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from copperplate.errors import InputError
from copperplate.questions.validation import suggestion
from copperplate.resources import checks, grammar
from copperplate.resources.kinds import Kind
from copperplate.resources.specification import Field, Resource, Target

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


@dataclass(frozen=True, slots=True)
class Wish:
    """Request of a user: `fields` are written as `grammar` reads them, `renames` as `old:new`."""

    fields: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    renames: tuple[str, ...] = ()
    lossy: bool = False


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

    @property
    def fills(self) -> dict[str, str]:
        """Return the SQL literals that existing rows get, by column: required fields with a default."""
        old = {self.renames.get(field.column, field.column): field for field in self.before.fields}
        return {
            field.column: _literal(field)
            for field in self.after.fields
            if field.default is not None and (field.column not in old or old[field.column].null)
        }

    @property
    def returns(self) -> dict[str, str]:
        """Return the SQL literals that rows get when the change is undone, by old column: their values are gone."""
        new = {field.column: field for field in self.after.fields}
        back = [(field, new.get(self.renames.get(field.column, field.column))) for field in self.before.fields]
        return {
            field.column: _neutral(field)
            for field, later in back
            if not field.null and field.kind not in {Kind.REF, Kind.REFS} and (later is None or later.null)
        }


def revise(resource: Resource, wish: Wish, targets: Mapping[str, Target]) -> Revised:
    """Return the revised specification, checked. Raises `InputError` for a change that is not possible."""
    renames = dict(_pair(text) for text in wish.renames)
    given = {field.name: field for field in map(grammar.parse, wish.fields)}
    if not (given or wish.drops or renames):
        raise InputError("no change is named", "name fields as for `add`, or --drop FIELD, or --rename OLD:NEW")
    known = [field.name for field in resource.fields]
    for name in (*wish.drops, *renames):
        if name not in known:
            raise InputError(f"{resource.name} has no field {name!r:.40}", suggestion(name, known))
    if both := [name for name in (*renames, *renames.values()) if name in given or name in wish.drops]:
        raise InputError(f"{both[0]} is renamed and changed at once", "rename it first, then change it")
    if both := [name for name in wish.drops if name in given]:
        raise InputError(f"{both[0]} is dropped and given at once", "leave one of them out")
    kept = [_renamed(field, renames) for field in resource.fields if field.name not in wish.drops]
    fields = [given.get(field.name, field) for field in kept]
    fields += [field for name, field in given.items() if name not in {field.name for field in kept}]
    after = checks.with_fields(replace(resource, fields=(), targets={}), fields, targets)
    old = {field.name: field for field in kept}
    changed = [(old.get(field.name), field) for field in after.fields if old.get(field.name) != field]
    dropped = [f"the values of {name} are dropped" for name in wish.drops]
    revised = Revised(
        before=resource,
        after=after,
        renames={
            field.column: replace(field, name=renames[field.name]).column
            for field in resource.fields
            if field.name in renames
        },
        loses=(*dropped, *(why for one, other in changed if one for why in _losses(one, other))),
        unfilled=tuple(_unfilled(changed)),
    )
    _refuse_loss(revised, wish)
    return revised


def _pair(text: str) -> tuple[str, str]:
    old, colon, new = text.partition(":")
    if not (old and colon and new):
        raise InputError(f"--rename {text!r:.60} does not name two fields", "write --rename OLD:NEW")
    return old, new


def _renamed(field: Field, renames: Mapping[str, str]) -> Field:
    if field.name not in renames:
        return field
    if field.kind in {Kind.REFS, Kind.ENUM}:
        raise InputError(
            f"the {field.kind} {field.name} cannot be renamed: its {'table' if field.kind is Kind.REFS else 'type'} "
            "in PostgreSQL has its name too",
            "add a field of the new name, copy the values in a revision, and drop the old one",
        )
    return replace(field, name=renames[field.name])


def _refuse_loss(revised: Revised, wish: Wish) -> None:
    if wish.lossy:
        return
    if revised.loses:
        raise InputError(f"{'; '.join(revised.loses)}", "to allow that: --lossy")
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


def _losses(old: Field, new: Field) -> Iterable[str]:
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


def _neutral(field: Field) -> str:
    """Return a literal that the column takes."""
    if field.default is not None:
        return _literal(field)
    if field.is_list:
        return "'{}'"
    limit = field.minimum if field.minimum is not None else field.maximum
    if field.kind in _NUMBERS:
        return str(limit or 0)
    if field.kind is Kind.ENUM:
        return f"'{field.values[0]}'"
    return _NEUTRAL.get(field.kind, "'-'")


def _literal(field: Field) -> str:
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if isinstance(field.default, int | float) or field.kind is Kind.DECIMAL:
        return str(field.default)
    quoted = str(field.default).replace("'", "''")
    return f"'{quoted}'"
