"""Whose fault an error of the database is, told from its SQLSTATE (PostgreSQL, appendix A)."""

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError, IntegrityError

UNAVAILABLE_CLASSES = {
    "08",  # connection exception
    "25",  # invalid transaction state: read-only after a failover, idle in transaction for too long
    "40",  # transaction rollback: serialization failure, deadlock
    "53",  # insufficient resources
    "55",  # object not in prerequisite state: lock not available
    "57",  # operator intervention: statement timeout, shutdown, starting up
    "58",  # system error
}
DATA_EXCEPTION = "22"
INTEGRITY_VIOLATION = "23"


def status_of(error: DBAPIError | PostgresError) -> int:
    """What the client is answered: its own values (400, 409), try again (503), or our fault (500)."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    sqlstate_class = str(getattr(driver_error, "sqlstate", None) or "")[:2]
    if sqlstate_class in UNAVAILABLE_CLASSES or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return 503
    return {DATA_EXCEPTION: 400, INTEGRITY_VIOLATION: 409}.get(sqlstate_class, 500)


def violates(error: IntegrityError, constraint: str) -> bool:
    """Whether it was the constraint of that name, as the naming convention makes it."""
    return getattr(getattr(error.orig, "__cause__", None), "constraint_name", None) == constraint
