"""What a command needs before it can start, and the words for what is missing."""

from collections.abc import Callable

from asyncpg import LockNotAvailableError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError
from sqlalchemy.exc import DBAPIError

from .db.migrate import upgrade
from .settings import DatabaseSettings

FAILED, WRONG_SETTINGS = 1, 2

REQUIRED = {"DATABASE": "DATABASE_URL", "REDIS": "REDIS_URL"}
"""A group that is missing is reported as a whole. What it misses is the one field that it cannot do without."""


class BootError(Exception):
    """Why a command cannot start. A line names a variable and what is wrong, never its value: it may be a secret."""

    def __init__(self, *lines: str, status: int = FAILED) -> None:
        super().__init__("\n".join(lines))
        self.status = status


def read[S](settings: Callable[[], S]) -> S:
    """What the environment and `.env` say. All that is wrong with it is told at once.

    Raises `BootError`.
    """
    try:
        return settings()
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise BootError(*map(_problem, details), status=WRONG_SETTINGS) from None
    except SettingsError as error:
        raise BootError(str(error), status=WRONG_SETTINGS) from None


def migrate(settings: DatabaseSettings) -> None:
    """Bring the database to the newest migration.

    Raises `BootError` for what one expects of databases. An error in a migration itself is none, and keeps its trace.
    """
    try:
        upgrade(settings)
    except OSError as error:
        raise _unreachable(error) from None
    except DBAPIError as error:
        if error.statement is None and error.orig:
            raise _unreachable(error.orig) from None
        if _sqlstate(error) != LockNotAvailableError.sqlstate:
            raise
        raise BootError("a migration waited too long for a table in use, and was rolled back", "run it again") from None


def _unreachable(error: BaseException) -> BootError:
    """Refused, not found, timed out; or the server knows neither the user nor the database."""
    why = str(error) or type(error).__name__
    return BootError(f"the database cannot be used: {why}", "check DATABASE_URL, and that its server is running")


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _problem(detail: ErrorDetails) -> str:
    name = "_".join(map(str, detail["loc"])).upper()
    match detail["type"]:
        case "missing":
            return f"{REQUIRED.get(name, name)} is missing"
        case "value_error":
            return f"{name} {detail['ctx']['error']}"
        case _:
            return f"{name} is wrong: {detail['msg']}"
