"""What a command needs before it can start, and the words for what is missing."""

import warnings

import typer
from alembic.script.revision import MultipleHeads, ResolutionError
from alembic.util import CommandError
from asyncpg import InsufficientPrivilegeError, LockNotAvailableError, ReadOnlySQLTransactionError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsError
from sqlalchemy.exc import DBAPIError

from .db.migrate import upgrade
from .environment import Environment, env_file
from .settings import DatabaseSettings, Settings

FAILED, WRONG_SETTINGS = 1, 2


NEWEST = "The database is at the newest migration."
AHEAD = (
    "The database is ahead of this version, at migration {}, and stays as it is.\n"
    "If this is not a rollback, use the version that has this migration: `alembic downgrade` of that one takes it back."
)
BROKEN_CHAIN = r"Revision .* is (not present|present more than once)"
"""Alembic warns of it, and then fails at another place, or leaves one of the two out."""

FORBIDDEN = (InsufficientPrivilegeError.sqlstate, ReadOnlySQLTransactionError.sqlstate)
MAY_CREATE = "let DATABASE_URL name the primary server, and a role that may create what migrations create"

MERGE = 'let one follow the other (`down_revision`), or type: alembic merge heads -m "merge"'


class StartupError(Exception):
    """Why a command cannot start. A line names a variable and what is wrong, never its value: it may be a secret."""

    def __init__(self, *lines: str, status: int = FAILED) -> None:
        super().__init__("\n".join(lines))
        self.status = status


def read[S: BaseSettings](settings: type[S]) -> S:
    """What the environment and `.env` say. All that is wrong with it is told at once.

    A variable that is nearly one of ours is only warned of: it may be another program's. Raises `StartupError`.
    """
    try:
        found = settings()
    except ValidationError as error:
        raise StartupError(*_problems(error), *_misspelt(settings), status=WRONG_SETTINGS) from None
    except UnicodeDecodeError as error:
        raise StartupError(f"{env_file()} cannot be read: {error}", status=WRONG_SETTINGS) from None
    except (SettingsError, OSError) as error:
        raise StartupError(f"the settings cannot be read: {error}", status=WRONG_SETTINGS) from None
    for line in _misspelt(settings):
        typer.secho(f"warning: {line}", fg="yellow", err=True)
    return found


def check_port(settings: Settings, port: int, workers: int = 1) -> None:
    """Raise `StartupError` if a process would listen on the port of the API for something else as well."""
    for variable, first in settings.own_ports.items():
        if first and port in range(first, first + workers):
            advice = f"set {variable} to another (each process takes one, from there on), or to 0 for none"
            raise StartupError(f"{variable} would take the port of the API, {port}", advice, status=WRONG_SETTINGS)


def example[S: Settings](settings: type[S], **values: object) -> S:
    """Settings for what needs no server.

    Raises `StartupError` for a setting that is required and has no example.
    """
    try:
        return settings.example(**values)
    except ValidationError as error:
        advice = "give each required setting an example: `Field(examples=[…])`"
        raise StartupError(*_problems(error), advice, status=WRONG_SETTINGS) from None


def migrate(settings: DatabaseSettings) -> str:
    """Bring the database to the newest migration, and return what there is to tell about that.

    A database that is ahead was migrated by a newer version: this is a rollback, and no error.
    Raises `StartupError` for what one expects of databases. An error in a migration itself keeps its traceback.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", BROKEN_CHAIN, UserWarning)
            upgrade(settings)
    except UserWarning as error:
        raise StartupError(
            str(error), "correct `revision` or `down_revision` of a file in migrations/versions"
        ) from None
    except OSError as error:
        raise _unreachable(error) from None
    except DBAPIError as error:
        if error.statement is None and error.orig:
            raise _unreachable(error.orig) from None
        if _sqlstate(error) in FORBIDDEN and error.orig:
            why = str(error.orig.__cause__).partition("\n")[0]
            raise StartupError(f"the database refuses a migration: {why}", MAY_CREATE) from None
        if _sqlstate(error) != LockNotAvailableError.sqlstate:
            raise
        raise StartupError(
            "a migration waited too long for a table in use, and was rolled back", "run it again"
        ) from None
    except CommandError as error:
        match error.__cause__:
            case ResolutionError(argument=revision):
                return AHEAD.format(revision)
            case MultipleHeads(heads=heads):
                raise StartupError(f"these migrations are all the newest: {', '.join(heads)}", MERGE) from None
            case _:
                raise StartupError(str(error), "run it again") from None
    return NEWEST


def _unreachable(error: BaseException) -> StartupError:
    """Refused, not found, timed out; or the server knows neither the user nor the database."""
    why = str(error) or type(error).__name__
    return StartupError(f"the database cannot be used: {why}", "check DATABASE_URL, and that its server is running")


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _misspelt(settings: type[BaseSettings]) -> list[str]:
    near = Environment(settings, env_file()).misspelt()
    return [f"{name} is not a setting: did you mean {meant}?" for name, meant in near.items()]


def _problems(error: ValidationError) -> list[str]:
    return [_problem(detail) for detail in error.errors(include_input=False, include_url=False)]


def _problem(detail: ErrorDetails) -> str:
    # A variable holds a whole list, and a group's setting that is itself a model: what is within them has no name.
    name = "_".join(str(part).upper() for part in detail["loc"][:2] if isinstance(part, str)) or "settings"
    match detail["type"]:
        case "missing":
            return f"{name} is missing"
        case "value_error":
            return f"{name} {detail['ctx']['error']}"
        case _:
            return f"{name} is wrong: {detail['msg']}"
