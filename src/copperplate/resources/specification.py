"""Specification of a resource: its names and fields, as a project records them, and the types that a field can have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from copperplate.resources import naming


class Kind(StrEnum):
    STR = "str"
    TEXT = "text"
    INT = "int"
    BIGINT = "bigint"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"
    UUID = "uuid"
    JSON = "json"
    EMAIL = "email"
    URL = "url"
    ENUM = "enum"
    REF = "ref"
    REFS = "refs"


class OnDelete(StrEnum):
    """Effect on a row when the row that it refers to is removed."""

    RESTRICT = "restrict"
    CASCADE = "cascade"
    SET_NULL = "set-null"


class Scope(StrEnum):
    """Owner of a row, in a project with accounts."""

    OWNER = "owner"
    """The user who created it: nobody else reads or changes it."""

    ORGANISATION = "organisation"
    """The organisation in whose path it was created: all its members read and change it."""

    NONE = "none"
    """Everybody: all users read it, and administrators change it."""


OWNED = frozenset({Scope.OWNER, Scope.ORGANISATION})
"""Scopes of rows that have an owner: they refer to rows of the same owner, or to those of everybody."""


class Operation(StrEnum):
    LIST = "list"
    READ = "read"
    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The options of a type, and the examples that messages show."""

    example: str
    length: int | None = None
    """The length that a text has unless it is given; None where there is none."""

    longest: int = 0
    unique: bool = False
    index: bool = False
    null: bool = True
    default: bool = False
    limits: bool = False
    listed: bool = True


RULES: dict[Kind, Allowed] = {
    Kind.STR: Allowed("title:str:80", length=200, longest=10_000, unique=True, index=True, default=True),
    Kind.TEXT: Allowed("note:text:2000:null", length=2000, longest=100_000, default=True, listed=False),
    Kind.INT: Allowed("stock:int:min=0", unique=True, index=True, default=True, limits=True),
    Kind.BIGINT: Allowed("views:bigint:default=0", unique=True, index=True, default=True, limits=True),
    Kind.DECIMAL: Allowed("price:decimal:12/2:min=0", index=True, default=True, limits=True),
    Kind.FLOAT: Allowed("weight:float:min=0", index=True, default=True, limits=True),
    Kind.BOOL: Allowed("paid:bool:default=false", index=True, default=True),
    Kind.DATE: Allowed("born:date:null", unique=True, index=True),
    Kind.DATETIME: Allowed("placed_at:datetime:index", index=True),
    Kind.TIME: Allowed("opens:time"),
    Kind.DURATION: Allowed("length:duration"),
    Kind.UUID: Allowed("reference:uuid:unique", unique=True, index=True),
    Kind.JSON: Allowed("settings:json", listed=False),
    Kind.EMAIL: Allowed("email:email:unique", unique=True, index=True),
    Kind.URL: Allowed("website:url:null"),
    Kind.ENUM: Allowed("status:enum:draft/paid/void:default=draft", index=True, default=True, listed=False),
    Kind.REF: Allowed("customer:ref:customers:restrict", listed=False),
    Kind.REFS: Allowed("tags:refs:tags", null=False, listed=False),
}

LONGEST_INDEXED = 500
"""Characters of a text with an index: an entry of a B-tree of PostgreSQL holds about 2,700 bytes."""

DIGITS, DECIMALS, MOST_DIGITS = 12, 2, 100
INTEGERS = {Kind.INT: 2**31, Kind.BIGINT: 2**53}
"""The first number that is too large: for the column, or for JSON (RFC 8259, section 6)."""


Scalar = str | int | float | bool
OPERATIONS = tuple(Operation)


@dataclass(frozen=True, slots=True)
class Target:
    """Resource that a reference leads to, with the names in its code."""

    resource: str
    singular: str
    class_name: str
    table: str
    path: str
    scope: Scope | None = None
    operations: tuple[Operation, ...] = OPERATIONS


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    length: int | None = None
    digits: int | None = None
    """All digits of a decimal number, with those behind its point."""

    decimals: int | None = None
    values: tuple[str, ...] = ()
    """Of an enum, in their order."""

    to: str | None = None
    """The resource that a reference leads to."""

    on_delete: OnDelete | None = None
    is_list: bool = False
    unique: bool = False
    index: bool = False
    null: bool = False
    default: Scalar | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None

    @property
    def column(self) -> str:
        """The name of its column, or of its part of a body."""
        if self.kind is Kind.REF:
            return f"{self.name}_id"
        if self.kind is Kind.REFS:
            return f"{naming.singular(self.name) or self.name}_ids"
        return self.name


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    """The plural, which is the name of its package."""

    singular: str
    class_name: str
    table: str
    fields: tuple[Field, ...] = ()
    targets: Mapping[str, Target] = field(default_factory=dict, hash=False)
    """Of its references, by the names of the resources that they lead to."""

    scope: Scope | None = None
    """None in a project without accounts."""

    operations: tuple[Operation, ...] = OPERATIONS

    @property
    def path(self) -> str:
        return f"/{self.name.replace('_', '-')}"

    @property
    def target(self) -> Target:
        return Target(self.name, self.singular, self.class_name, self.table, self.path, self.scope, self.operations)

    @property
    def references(self) -> tuple[str, ...]:
        """Other resources that it refers to."""
        found = (field.to for field in self.fields if field.to and field.to != self.name)
        return tuple(dict.fromkeys(found))

    def data(self) -> dict[str, Any]:
        """Return the data for its templates and its answers file; options that are off are left out."""
        return {
            "name": self.name,
            "singular": self.singular,
            "class": self.class_name,
            "table": self.table,
            "path": self.path,
            **_accessed(self),
            "fields": [self._field(one) for one in self.fields],
        }

    def _field(self, one: Field) -> dict[str, Any]:
        found: dict[str, Any] = {"name": one.name, "type": one.kind.value, "column": one.column}
        if one.to:
            target = self.target if one.to == self.name else self.targets[one.to]
            found |= {
                "to": {
                    "name": target.resource,
                    "singular": target.singular,
                    "class": target.class_name,
                    "table": target.table,
                    "path": target.path,
                    **_accessed(target),
                },
                "on_delete": (one.on_delete or OnDelete.RESTRICT).value,
            }
        if one.kind is Kind.REFS:
            part = one.column.removesuffix("_ids")
            found["link"] = {
                "class": self.class_name + naming.pascal(part),
                "table": f"{self.singular}_{one.name}",
                "part": part,
            }
        values = {
            "length": one.length,
            "digits": one.digits,
            "decimals": one.decimals,
            "values": list(one.values),
            "list": one.is_list,
            "unique": one.unique,
            "index": one.index,
            "nullable": one.null,
        }
        found |= {name: value for name, value in values.items() if value or (name == "decimals" and value == 0)}
        known = {"default": one.default, "min": one.minimum, "max": one.maximum}
        return found | {name: value for name, value in known.items() if value is not None}


def _accessed(found: Resource | Target) -> dict[str, Any]:
    """Return its users and operations; nothing in a project without accounts if it has all operations."""
    scope = {"scope": found.scope.value} if found.scope else {}
    return scope | ({"operations": [each.value for each in found.operations]} if found.operations != OPERATIONS else {})


def _access(data: Mapping[str, Any]) -> tuple[Scope | None, tuple[Operation, ...]]:
    scope = data.get("scope")
    return Scope(scope) if scope else None, tuple(Operation(name) for name in data.get("operations", OPERATIONS))


def from_data(data: Mapping[str, Any]) -> Resource:
    """Return the specification that `data` was made from; raises `KeyError`, `TypeError` or `ValueError` otherwise."""
    targets = {}
    fields = []
    for one in data["fields"]:
        to = one.get("to")
        if to and to["name"] != data["name"]:
            targets[to["name"]] = Target(to["name"], to["singular"], to["class"], to["table"], to["path"], *_access(to))
        fields.append(
            Field(
                name=one["name"],
                kind=Kind(one["type"]),
                length=one.get("length"),
                digits=one.get("digits"),
                decimals=one.get("decimals"),
                values=tuple(one.get("values", ())),
                to=to["name"] if to else None,
                on_delete=OnDelete(one["on_delete"]) if to else None,
                is_list=one.get("list", False),
                unique=one.get("unique", False),
                index=one.get("index", False),
                null=one.get("nullable", False),
                default=one.get("default"),
                minimum=one.get("min"),
                maximum=one.get("max"),
            )
        )
    names = (data["name"], data["singular"], data["class"], data["table"])
    return Resource(*names, tuple(fields), targets, *_access(data))
