"""Names of resources and fields: singular and class names, reserved names, and names that the project has already."""

import ast
import builtins
import keyword
from pathlib import Path

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "appendices": "appendix",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "analyses": "analysis",
    "bases": "basis",
    "crises": "crisis",
    "theses": "thesis",
    "diagnoses": "diagnosis",
    "lives": "life",
    "knives": "knife",
    "wives": "wife",
    "shelves": "shelf",
    "leaves": "leaf",
    "halves": "half",
    "wolves": "wolf",
    "loaves": "loaf",
    "thieves": "thief",
    "movies": "movie",
    "cookies": "cookie",
    "ties": "tie",
    "lies": "lie",
    "pies": "pie",
    "quizzes": "quiz",
    "aliases": "alias",
    "buses": "bus",
    "statuses": "status",
    "viruses": "virus",
    "campuses": "campus",
    "bonuses": "bonus",
    "censuses": "census",
    "heroes": "hero",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "echoes": "echo",
    "shoes": "shoe",
    "caches": "cache",
    "niches": "niche",
    "axes": "axis",
    "media": "medium",
}
_SIBILANT = ("sses", "shes", "ches", "xes", "zzes")
_NO_PLURAL = ("ss", "us", "is")


def singular(plural: str) -> str | None:
    """Return the singular of the last word; None if these rules do not know it as a plural."""
    head, separator, word = plural.rpartition("_")
    one = _word(word)
    return None if one is None else f"{head}{separator}{one}"


def pascal(words: str) -> str:
    """Return the words as the name of a class: `order_line` gives `OrderLine`."""
    return "".join(word[:1].upper() + word[1:] for word in words.split("_"))


def _word(word: str) -> str | None:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(_NO_PLURAL) or not word.endswith("s") or len(word) < len("abs"):
        return None
    if word.endswith("ies"):
        return word[: -len("ies")] + "y" if len(word) > len("ties") else word[:-1]
    if word.endswith(_SIBILANT):
        return word[: -len("es")]
    return word[:-1]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS = frozenset(keyword.kwlist)

COLUMNS = frozenset({"id", "version", "created_at", "updated_at"})
"""Columns that every resource has."""

OWNER = frozenset({"owner_id"})
"""The column by which a project knows the owner of a row: see its `db/ownership.py`."""

MODEL_ATTRIBUTES = frozenset({"metadata", "registry"})
"""Attributes of every model of SQLAlchemy (its manual, "Declarative Base")."""

BODY_ATTRIBUTES = frozenset({"construct", "copy", "dict", "json", "schema", "validate", "fields"})
"""Attributes of every model of Pydantic. All that begin with `model_` are its own, too."""

QUERY_PARAMETERS = frozenset({"limit", "cursor", "sort", "filters"})

TYPES = frozenset({"date", "datetime", "time", "timedelta", "uuid", "list", "int", "str", "float", "bool", "tuple"})
"""Names of types: a field of that name would hide the type from the fields below it."""

# https://www.postgresql.org/docs/current/sql-keywords-appendix.html, "reserved" in PostgreSQL
SQL_WORDS = _words(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
    from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
    returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
    unique user using variadic verbose when where window with
    """
)

RESERVED_FIELDS = COLUMNS | OWNER | MODEL_ATTRIBUTES | BODY_ATTRIBUTES | QUERY_PARAMETERS | TYPES | SQL_WORDS | KEYWORDS

RESERVED_SUFFIXES = frozenset({"create", "change", "read", "query", "sort", "not_found"})
"""Names of fields whose types would be called as other classes of the resource are: `OrderRead`."""

RESERVED_CLASSES = _words(
    """
    Any APIRouter AppError AsyncClient AsyncSession ARRAY BaseModel Base BeforeValidator BigInteger BigIntegerParameter
    BooleanParameter BaseException CalendarDate CheckConstraint Conflict Cursors Date DateTime Decimal DecimalText
    Depends Double Duration Email Enum Feature Field ForeignKey Idempotent Identified IfMatch Index Integer
    IntegerParameter IntegrityError Interval JSONB JsonObject Keyset Mapped NamedEnum NonBlankText NotFound Number
    NumberParameter Numeric Owned Page PageQuery Query RateLimit ReadOnly Reader Record Request RequestBody
    Resources Response ResponseBody Sequence Session SignedCursors Store StoredJson StrEnum StrictBool String Text Time
    TimeOfDay Timestamp Timestamped Transaction Url Uuid Versioned
    """
) | {name for name in dir(builtins) if name[0].isupper()}
"""Classes that the code of a resource uses or may use."""

RESERVED_VARIABLES = _words(
    """
    after answer answers any body cache changed changes client content count create created cursor cursors descending
    each error etag factories feature field first found func function headers idempotency if_match if_none_match insert
    json key keyset last method names new number numbers other owned page pages parameters path pointer query reader
    refused repository request response responses router row rows schemas second seen select sent service session sort
    statement status store target test tests url uuid value values version asyncio pytest update delete change remove
    get get_page models errors migrations
    """
) | frozenset(name for name in dir(builtins) if name[0].islower())
"""Names that the code of a resource uses, where it would also have a variable that is called as one row."""


SHARED_MODULE = "field_types"
"""Module with the types of fields: each resource has it, and it is the same for all of them."""


def taken_packages(root: Path, package: str) -> set[str]:
    """Return names that a new package of the project, or its tests, cannot have."""
    found = {SHARED_MODULE}
    for folder in (root / "src" / package, root / "tests"):
        if folder.is_dir():
            found |= {path.name.partition(".")[0] for path in folder.iterdir() if not _is_left_over(path)}
    return found


def _is_left_over(path: Path) -> bool:
    """True for a folder with nothing but what Python compiled, as git leaves it where a package was removed."""
    return path.is_dir() and all("__pycache__" in file.parts for file in path.rglob("*") if not file.is_dir())


def taken_tables(root: Path, package: str) -> set[str]:
    """Return the names of tables, as the project's code writes them."""
    found = set()
    for file in (root / "src" / package).rglob("*.py"):
        source = file.read_bytes()
        if b"__tablename__" in source or b"Table(" in source:
            found |= set(_tables(source))
    return found


def _tables(source: bytes) -> list[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []  # the project's own checks report it
    return [name for node in ast.walk(tree) if (name := _table(node))]


def _table(node: ast.AST) -> str | None:
    """Return the name that `__tablename__ = "…"` or `Table("…", …)` gives to a table."""
    match node:
        case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))):
            return name
        case ast.Call(
            func=ast.Name(id="Table") | ast.Attribute(attr="Table"), args=[ast.Constant(value=str(name)), *_]
        ):
            return name
    return None
