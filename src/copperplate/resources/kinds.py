"""The types that a field can have, and what each of them allows."""

from dataclasses import dataclass
from enum import StrEnum


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
    """What happens to a row when the row that it refers to is removed."""

    RESTRICT = "restrict"
    CASCADE = "cascade"
    SET_NULL = "set-null"


class Scope(StrEnum):
    """Who a row belongs to, in a project with accounts."""

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
