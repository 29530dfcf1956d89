"""What the environment may set, in frozen groups: `DATABASE_URL` is `database.url`, `LOG_LEVEL` is `log.level`.

Nothing is read at import. A process that is not told otherwise takes itself for production, so that forgetting a
variable can only make it stricter.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    PostgresDsn,
    RedisDsn,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_MIN_BYTES = 32
"""256 bits: what HMAC-SHA-256 can use (RFC 2104, section 3)."""

SECRET_MIN_DISTINCT = 12
"""Fewer different characters than this is something typed, not something drawn at random."""

HOW_TO_MAKE_ONE = "openssl rand -base64 48"
DEVELOPMENT_SECRET = "known-to-everyone-so-for-development-only"  # noqa: S105 - refused outside development


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class DatabaseSettings(BaseModel, frozen=True):
    url: Annotated[PostgresDsn, Field(repr=False)]
    """`postgresql://user:password@host:5432/name`."""

    pool_size: PositiveInt = 10
    """Connections a process keeps. The sum over all processes stays below the server's `max_connections`."""

    pool_timeout: PositiveFloat = 0.5
    """Seconds a request waits for a connection before it is answered 503."""

    connect_timeout: PositiveFloat = 3.0
    """Seconds in which a new connection must be made."""

    statement_timeout: PositiveFloat = 3.0
    """Seconds after which the server cancels a statement; the client gives up one second later."""

    def for_migrations(self) -> Self:
        """One connection, on which building an index may take its time."""
        return self.model_copy(update={"pool_size": 1, "statement_timeout": 24 * 60 * 60.0})


class RedisSettings(BaseModel, frozen=True):
    url: Annotated[RedisDsn, Field(repr=False)]
    """`redis://:password@host:6379/0`; `rediss://` for TLS."""

    timeout: PositiveFloat = 0.1
    """Seconds that any one command may take."""

    connect_timeout: PositiveFloat = 0.1
    """Seconds in which a new connection must be made."""

    max_connections: PositiveInt = 50
    """Connections a process opens at the most."""


class ApiSettings(BaseModel, frozen=True):
    cors_origins: CommaSeparated = ()
    """Origins that browsers may call from, separated by commas; none: cross-origin calls are not allowed."""

    docs: bool | None = None
    """Serve `/docs` and `/openapi.json`; not set: only in development (ASVS 5.0, 13.4.5)."""

    max_body_bytes: NonNegativeInt = 1024 * 1024
    """The largest request body; a larger one is answered 413."""

    max_in_flight: PositiveInt = 64
    """Requests a process works on at once; further ones wait for their turn."""

    queue_timeout: PositiveFloat = 0.4
    """Seconds a request waits for its turn before it is answered 503 with `Retry-After`."""

    request_timeout: PositiveFloat = 10.0
    """Seconds after which a request is given up and answered 503."""

    shutdown_grace: PositiveInt = 10
    """Seconds that requests in flight get to finish when the process is told to stop."""

    trusted_proxies: str = "127.0.0.1"
    """Addresses or networks, separated by commas, whose `X-Forwarded-*` headers are believed."""


class LogSettings(BaseModel, frozen=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    """`auto` is for people on a terminal and JSON everywhere else."""


class DatabaseOnly(BaseSettings):
    """For what needs no more, such as the job that migrates: it is given no other secret."""

    model_config = SettingsConfigDict(
        env_file=".env", env_nested_delimiter="_", env_nested_max_split=1, extra="ignore", frozen=True
    )

    database: DatabaseSettings


class Settings(DatabaseOnly):
    environment: Literal["development", "staging", "production"] = "production"
    secret_key: Annotated[SecretStr, Field(validate_default=True)] = SecretStr("")
    """Signs what the client keeps for us. At least 32 random bytes, or the process does not start."""

    redis: RedisSettings
    api: ApiSettings = ApiSettings()
    log: LogSettings = LogSettings()

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        value = secret.get_secret_value()
        if info.data.get("environment") == "development":
            return secret if value else SecretStr(DEVELOPMENT_SECRET)
        if not value:
            raise ValueError(f"is missing; make one with: {HOW_TO_MAKE_ONE}")
        random_enough = len(value.encode()) >= SECRET_MIN_BYTES and len(set(value)) >= SECRET_MIN_DISTINCT
        if not random_enough or value == DEVELOPMENT_SECRET:
            raise ValueError(f"is weak: it takes {SECRET_MIN_BYTES} random bytes; make one with: {HOW_TO_MAKE_ONE}")
        return secret

    @property
    def docs(self) -> bool:
        return self.environment == "development" if self.api.docs is None else self.api.docs
