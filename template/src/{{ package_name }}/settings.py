"""Settings from the environment, in frozen groups: `DATABASE_URL` is `database.url`, `LOG_LEVEL` is `log.level`.

Importing reads nothing. The environment defaults to production, so that a forgotten variable can only make the
application stricter.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    PostgresDsn,
    SecretStr,
    UrlConstraints,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from . import postgres_url, redis_url
from .addresses import Origins, PathPrefix, Proxies
from .environment import ENV_FILE, Environment, env_file, required_groups

SECRET_MIN_BYTES = 32
"""Least length of a secret: 256 bits, as HMAC-SHA-256 can use (RFC 2104, section 3)."""

SECRET_MIN_DISTINCT = 12
"""Least number of different characters. A secret with fewer was typed, and not drawn at random."""

HOW_TO_MAKE_ONE = "openssl rand -base64 48"
DEVELOPMENT_SECRET = "known-to-everyone-so-for-development-only"  # noqa: S105 - refused outside development

Seconds = Annotated[float, Field(ge=0.001, le=1_000_000)]
"""Time in seconds. PostgreSQL counts milliseconds, and 0 of them is no limit; no timer accepts infinity."""

Days = Annotated[int, Field(ge=1, le=10_000)]

DatabaseUrl = Annotated[PostgresDsn, UrlConstraints(host_required=False), BeforeValidator(postgres_url.translate)]


class Group(BaseModel, frozen=True, hide_input_in_errors=True):
    """Group of settings. An error never shows a value, which may be secret."""

    development: ClassVar[Mapping[str, Any]] = {}
    """Values that required settings have in development if they are not set."""


class DatabaseSettings(Group):
    url: Annotated[DatabaseUrl, Field(repr=False, examples=["postgresql://unused"])]
    """`postgresql://user:password@host:5432/name`, with the options of libpq that asyncpg knows."""

    pool_size: PositiveInt = 10
    """Connections that a process keeps. The sum over all processes must be below the server's `max_connections`."""

    pool_timeout: Seconds = 0.5
    """Time in seconds that a request waits for a connection before it is answered 503."""

    connect_timeout: Seconds = 3.0
    """Time in seconds in which a new connection must be open."""

    statement_timeout: Seconds = 3.0
    """Time in seconds after which the server cancels a statement; the client gives up one second later."""

    transaction_pooling: bool = False
    """Set it if a pooler lends connections for one transaction, such as PgBouncer with `pool_mode=transaction`.

    No prepared statement and no setting is then kept on a connection. So only the client cancels statements, unless the
    role has the timeout: `ALTER ROLE … SET statement_timeout = '3s'`.
    """

    def for_migrations(self) -> Self:
        """Return settings with two connections (one holds a lock) and time to build indexes on the other."""
        return self.model_copy(update={"pool_size": 2, "statement_timeout": 24 * 60 * 60.0})


class RedisSettings(Group):
    url: Annotated[str, AfterValidator(redis_url.translate), Field(repr=False, examples=["redis://unused"])]
    """URL: `redis://:password@host:6379/0`; `rediss://` for TLS, `unix:///path` for a socket."""

    timeout: Seconds = 1.0
    """Time in seconds that one command may take."""

    connect_timeout: Seconds = 1.0
    """Time in seconds in which a connection must be free, or a new one open."""

    cache_timeout: Seconds = 0.1
    """Time in seconds that the cache waits for Redis before it continues without it."""

    max_connections: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Connections that a process opens when it starts; it never opens more."""


class ApiSettings(Group):
    cors_origins: Origins = ()
    """Origins of web pages that may call the API from a browser, separated by commas; none: no cross-origin calls."""

    root_path: PathPrefix = ""
    """Path prefix that a proxy removes from each request, such as `/shop`, if it sends no `X-Forwarded-Prefix`."""

    docs: bool | None = None
    """Serve `/docs` and `/openapi.json`; if it is not set, only in development (ASVS 5.0, 13.4.5)."""

    max_body_bytes: NonNegativeInt = 1024 * 1024
    """Largest request body in bytes; a larger one is answered 413."""

    max_in_flight: PositiveInt = 16
    """Requests that a process works on at once; further requests wait for a place."""

    max_waiting: PositiveInt = 2000
    """Requests that may wait: this many for a place, as many for their body, and as many to be refused."""

    max_websockets: PositiveInt = 1000
    """WebSockets that a process has open at once; a further one is answered 503."""

    queue_timeout: Seconds = 1.0
    """Time in seconds that a request waits for a place before it is answered 503 with `Retry-After`."""

    request_timeout: Seconds = 10.0
    """Time in seconds in which a body must arrive (else 408), and then for the response to start (else 503)."""

    shutdown_grace: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    """Time in seconds that requests in flight get to finish when the process stops."""

    trusted_proxies: Proxies = ("127.0.0.1",)
    """Addresses or networks of proxies, separated by commas, whose `X-Forwarded-*` headers are trusted."""


class LogSettings(Group):
    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    """Format of lines; `auto`: `console` at a terminal, and `json` everywhere else."""

    exception_messages: bool | None = None
    """Write the messages of exceptions, which may hold data of users. If it is not set, only in development."""


class DatabaseOnly(BaseSettings):
    """Settings of commands that need only the database, such as migrations: they get no other secret."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",  # some editors begin a file with a mark
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database: DatabaseSettings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del env_settings, file_secret_settings
        assert isinstance(dotenv_settings, DotEnvSettingsSource)
        file = dotenv_settings.env_file
        return init_settings, Environment(settings_cls, env_file() if file == ENV_FILE else file)


class Settings(DatabaseOnly):
    environment: Literal["development", "staging", "production"] = "production"
    secret_key: Annotated[SecretStr, Field(validate_default=True)] = SecretStr("")
    """Secret that signs what clients keep for us. It needs at least 32 random bytes, or the process does not start."""

    redis: RedisSettings
    api: ApiSettings = ApiSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="before")
    @classmethod
    def _in_development(cls, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("environment") != "development":
            return given
        added = {
            name: {**group.development, **given.get(name, {})}
            for name, group in required_groups(cls).items()
            if issubclass(group, Group) and group.development and isinstance(given.get(name, {}), dict)
        }
        return {**given, **added}

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

    @field_validator("log")
    @classmethod
    def _plain_speaking(cls, log: LogSettings, info: ValidationInfo) -> LogSettings:
        if log.exception_messages is not None:
            return log
        return log.model_copy(update={"exception_messages": info.data.get("environment") == "development"})

    @classmethod
    def with_groups(cls, groups: Mapping[str, type[Group]]) -> type[Self]:
        """Return a class that has the settings of features, by prefix. Raises `ValueError` for an invalid prefix."""
        for prefix in groups:
            if prefix in cls.model_fields or not re.fullmatch("[a-z][a-z0-9]*", prefix):
                raise ValueError(f"the prefix {prefix!r} of settings is taken, or is not one word of small letters")
        # Settings of a feature may be secret, so they are not shown.
        fields: dict[str, Any] = {
            prefix: Annotated[group, Field(default=... if _required(group) else group(), repr=False)]
            for prefix, group in groups.items()
        }
        return create_model(cls.__name__, __base__=cls, __module__=cls.__module__, **fields)

    def __getitem__[G: Group](self, kind: type[G]) -> G:
        """Return the group of this type. Raises `LookupError` if no feature has it."""
        for group in self.groups():
            if isinstance(group, kind):
                return group
        raise LookupError(f"no feature has the settings {kind.__name__}: see the features in `project.py`")

    def groups(self) -> list[Group]:
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value for value in values if isinstance(value, Group)]

    @classmethod
    def example(cls, **values: object) -> Self:
        """Return settings that do not depend on the environment, for tests and for `openapi`.

        A required setting has the first of its examples: `key: Annotated[SecretStr, Field(examples=["test-key"])]`.
        """
        given = {"secret_key": secrets.token_urlsafe(SECRET_MIN_BYTES), **_examples(cls)}
        given |= {name: _examples(group) for name, group in required_groups(cls).items()}
        source = InitSettingsSource(cls, given | values)
        return cls(_build_sources=((source,), {}))

    @property
    def docs(self) -> bool:
        return self.environment == "development" if self.api.docs is None else self.api.docs


def _examples(settings: type[BaseModel]) -> dict[str, Any]:
    fields = settings.model_fields.items()
    return {name: field.examples[0] for name, field in fields if field.is_required() and field.examples}


def _required(group: type[Group]) -> bool:
    return any(field.is_required() for field in group.model_fields.values())
