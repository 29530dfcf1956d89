"""Whose fault an error of the database is, told from its SQLSTATE (PostgreSQL, appendix A)."""

from asyncpg import InterfaceError, InvalidCachedStatementError, PostgresError
from asyncpg.exceptions import OutdatedSchemaCacheError
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException, IntegrityError, StatementError
from sqlalchemy.orm.exc import StaleDataError

from ..errors import AppError, BadRequest, Conflict, Unavailable

UNAVAILABLE = (
    "08",  # connection exception
    "25006",  # the server is read-only, since another one has taken its place
    "25P03",  # idle in a transaction for too long
    "25P04",  # a transaction that took too long
    "40",  # transaction rollback: serialization failure, deadlock
    "53",  # insufficient resources
    "55",  # object not in prerequisite state: lock not available
    "57",  # operator intervention: statement timeout, shutdown, starting up
    "58",  # system error
)
DATA_EXCEPTION, DIVISION_BY_ZERO = "22", "22012"
UNIQUE_VIOLATION, EXCLUSION_VIOLATION = "23505", "23P01"
FOREIGN_KEY_VIOLATION, RESTRICT_VIOLATION = "23503", "23001"
READ_ONLY = "25006"
INTERNAL_ERROR = "XX000"
HIDDEN = "a value was refused (it is hidden, since it may be a secret)"


class AlreadyExists(Conflict):
    type = "urn:problem:already-exists"


class StillReferenced(Conflict):
    type = "urn:problem:still-referenced"


class ReferenceMissing(Conflict):
    type = "urn:problem:reference-missing"


def as_app_error(error: Exception) -> AppError | None:
    """What the client is told; none: it is a fault of ours, for the log.

    A CHECK or a NOT NULL that is broken is ours: a schema should have refused the value before. So is a division by
    zero, and a value of another type than the parameter's.
    """
    if isinstance(error, StaleDataError):
        return Conflict("It has changed meanwhile.")
    driver_error = _driver_error(error)
    sqlstate = _sqlstate(driver_error)
    if _is_unavailable(error, driver_error):
        return Unavailable("The database cannot answer now.")
    ours = sqlstate == DIVISION_BY_ZERO or _is_of_another_type(driver_error)
    if sqlstate.startswith(DATA_EXCEPTION) and not ours:
        return BadRequest("The database refuses these values.")
    if sqlstate in {UNIQUE_VIOLATION, EXCLUSION_VIOLATION}:
        return AlreadyExists("Something with the same values exists already.")
    if sqlstate == RESTRICT_VIOLATION or (sqlstate == FOREIGN_KEY_VIOLATION and _is_of_the_referenced_row(error)):
        return StillReferenced("Something else still refers to it.")
    missing = sqlstate == FOREIGN_KEY_VIOLATION
    return ReferenceMissing("Something that is referred to does not exist.") if missing else None


def violates(error: IntegrityError, constraint: str) -> bool:
    """Whether it was the constraint of that name, as the naming convention makes it."""
    return getattr(_driver_error(error), "constraint_name", None) == constraint


def named_by(error: Exception) -> dict[str, str]:
    """What an error is about, for the log: names of the schema and never a value, unlike its text."""
    found = {name: getattr(_driver_error(error), f"{name}_name", None) for name in ("table", "column", "constraint")}
    return {"sqlstate": _sqlstate(_driver_error(error)), **{name: each for name, each in found.items() if each}}


def is_outdated(error: BaseException) -> bool:
    """Whether the connection knows the database as it was before: with other columns or types, or writable.

    The statement has then done nothing, and a new connection knows better.
    """
    error = _driver_error(error)
    sqlstate = _sqlstate(error)
    return (
        isinstance(error, (InvalidCachedStatementError, OutdatedSchemaCacheError))
        or sqlstate == READ_ONLY
        or (sqlstate == INTERNAL_ERROR and "cache lookup failed" in str(error))
    )


def hide_values(error: BaseException, wrapped: BaseException | None = None) -> None:
    """Take the values of parameters out of what an error, and what SQLAlchemy made of it, say: they may be secrets."""
    driver_error = _driver_error(error)
    if isinstance(driver_error, PostgresError):
        driver_error.detail = None  # as in `Key (name)=(value) already exists.`
    never_sent = isinstance(wrapped, StatementError) and not isinstance(wrapped, DBAPIError)
    if never_sent or _sqlstate(driver_error).startswith(DATA_EXCEPTION):
        for told in (wrapped, error):
            while told:
                told.args = (HIDDEN,)
                told = told.__cause__ or told.__context__  # noqa: PLW2901 - down to the first cause


def _is_unavailable(error: Exception, driver_error: BaseException) -> bool:
    return (
        _sqlstate(driver_error).startswith(UNAVAILABLE)
        or (isinstance(error, DBAPIError) and error.connection_invalidated)
        or (isinstance(driver_error, InterfaceError) and "connection is closed" in str(driver_error))
        or is_outdated(error)
    )


def _is_of_another_type(error: BaseException) -> bool:
    """Whether the driver could not send a value, as a string for a number. (It uses the server's code for that.)

    Unlike a number that is too large, it has got past a schema: no client can be the reason.
    """
    return isinstance(error.__cause__, (TypeError, AttributeError))


def _is_of_the_referenced_row(error: Exception) -> bool:
    """PostgreSQL says which side broke a foreign key in its text alone, and that in the language of the server."""
    statement = (isinstance(error, DBAPIError) and error.statement) or ""
    return "update or delete on table" in str(error) or statement.lstrip().upper().startswith("DELETE")


def _sqlstate(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _driver_error(error: BaseException) -> BaseException:
    """What asyncpg raised, under what SQLAlchemy made of it."""
    if isinstance(error, DBAPIError) and error.orig:
        error = error.orig
    return error.__cause__ or error if isinstance(error, EmulatedDBAPIException) else error
