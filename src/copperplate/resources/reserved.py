"""Names that a resource or a field must not have, since its code or PostgreSQL has them already."""

import builtins
import keyword


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

FIELDS = COLUMNS | OWNER | MODEL_ATTRIBUTES | BODY_ATTRIBUTES | QUERY_PARAMETERS | TYPES | SQL_WORDS | KEYWORDS

SUFFIXES = frozenset({"create", "change", "read", "query", "sort", "not_found"})
"""Names of fields whose types would be called as other classes of the resource are: `OrderRead`."""

CLASSES = _words(
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

VARIABLES = _words(
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
