"""Errors of the database, by SQLSTATE (PostgreSQL, appendix A): caused by the client, the server or our code."""

from asyncpg import InterfaceError, InvalidCachedStatementError, PostgresError
from asyncpg.exceptions import OutdatedSchemaCacheError
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException, IntegrityError, StatementError
from sqlalchemy.orm.exc import StaleDataError

from ..errors import AppError, BadRequest, Conflict, Unavailable

UNAVAILABLE = (
    "08",  # connection exception
    "25006",  # the server is read-only, because another one is the primary now
    "25P03",  # idle in a transaction for too long
    "25P04",  # a transaction that took too long
    "40",  # transaction rollback: serialization failure, deadlock
    "53",  # insufficient resources
    "55006",  # object in use
    "55P03",  # lock not available
    "57",  # operator intervention: statement timeout, shutdown, starting up
    "58",  # system error
)
DATA_EXCEPTION = "22"
DIVISION_BY_ZERO, END_OF_SEQUENCE = "22012", "2200H"
SYNTAX_ERROR = "42601"
LIMIT_EXCEEDED = "54000"
"""A value is too large for its place, such as a text for an index."""

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
    """Return the error for the client; `None` if our code is at fault, which is only logged.

    Our code is at fault if a CHECK or a NOT NULL is violated, as a schema should have refused the value. The same holds
    for a division by zero, for a sequence at its end, and for a value of another type than the parameter.
    """
    if isinstance(error, StaleDataError):
        return Conflict("It has changed meanwhile.")
    driver_error = _driver_error(error)
    sqlstate = _sqlstate(driver_error)
    if _is_unavailable(error, driver_error):
        return Unavailable("The database cannot answer now.")
    if (_is_of_a_value(driver_error) or sqlstate == LIMIT_EXCEEDED) and not _is_of_another_type(driver_error):
        return BadRequest("The database refuses these values.")
    if sqlstate in {UNIQUE_VIOLATION, EXCLUSION_VIOLATION}:
        return AlreadyExists("Something with the same values exists already.")
    if sqlstate == RESTRICT_VIOLATION or (sqlstate == FOREIGN_KEY_VIOLATION and _is_of_the_referenced_row(error)):
        return StillReferenced("Something else still refers to it.")
    missing = sqlstate == FOREIGN_KEY_VIOLATION
    return ReferenceMissing("Something that is referred to does not exist.") if missing else None


def violates(error: IntegrityError, constraint: str) -> bool:
    """Check whether the constraint of this name was violated: see the naming convention."""
    return getattr(_driver_error(error), "constraint_name", None) == constraint


def named_by(error: Exception) -> dict[str, str]:
    """Return names from an error for the log: SQLSTATE, table, column and constraint. Unlike its text, no value."""
    found = {name: getattr(_driver_error(error), f"{name}_name", None) for name in ("table", "column", "constraint")}
    found = {"sqlstate": _sqlstate(_driver_error(error)), **found}
    return {name: each for name, each in found.items() if each}


def is_outdated(error: BaseException) -> bool:
    """Check whether the connection's cached state is old: other columns or types, or a server that was writable.

    The statement has then done nothing, and a new connection has the current state.
    """
    error = _driver_error(error)
    sqlstate = _sqlstate(error)
    return (
        isinstance(error, (InvalidCachedStatementError, OutdatedSchemaCacheError))
        or sqlstate == READ_ONLY
        or (sqlstate == INTERNAL_ERROR and "cache lookup failed" in str(error))
    )


def hide_values(error: BaseException, wrapped: BaseException | None = None) -> None:
    """Remove the values of parameters from the text of an error and of SQLAlchemy's: they may be secret."""
    driver_error = _driver_error(error)
    if isinstance(driver_error, PostgresError):
        driver_error.detail = None  # as in `Key (name)=(value) already exists.`
    never_sent = isinstance(wrapped, StatementError) and not isinstance(wrapped, DBAPIError)
    if never_sent or _is_of_a_value(driver_error):
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


def _is_of_a_value(error: BaseException) -> bool:
    """Check whether the server refused a value, and not a statement.

    A value in a language of its own, such as a query of a text search, has syntax errors at no position of the SQL.
    """
    sqlstate = _sqlstate(error)
    if sqlstate == SYNTAX_ERROR:
        return not (getattr(error, "position", None) or getattr(error, "internal_position", None))
    return sqlstate.startswith(DATA_EXCEPTION) and sqlstate not in {DIVISION_BY_ZERO, END_OF_SEQUENCE}


def _is_of_another_type(error: BaseException) -> bool:
    """Check whether the driver could not send a value, such as a string for a number.

    It uses the server's code for that. Such a value has passed a schema, unlike a number that is too large, so the
    client cannot be at fault.
    """
    return isinstance(error.__cause__, (TypeError, AttributeError))


def _is_of_the_referenced_row(error: Exception) -> bool:
    """Check which side broke a foreign key. PostgreSQL says it only in its text, in the language of the server."""
    statement = (isinstance(error, DBAPIError) and error.statement) or ""
    return "update or delete on table" in str(error) or statement.lstrip().upper().startswith("DELETE")


def _sqlstate(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _driver_error(error: BaseException) -> BaseException:
    """Return asyncpg's error, which SQLAlchemy has wrapped."""
    if isinstance(error, DBAPIError) and error.orig:
        error = error.orig
    return error.__cause__ or error if isinstance(error, EmulatedDBAPIException) else error
