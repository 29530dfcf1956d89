"""Clients: the duration of each call to PostgreSQL and Redis is measured and, inside a trace, becomes a span.

SQLAlchemy's events see the statements of sessions. asyncpg's query logger sees fast reads, BEGIN and COMMIT, which are
not prepared. For Redis, the application's own client is wrapped.
"""

import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from asyncpg.connection import LoggedQuery
from opentelemetry.trace import INVALID_SPAN, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.util.types import AttributeValue
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from sqlalchemy import event
from sqlalchemy.exc import EmulatedDBAPIException

from ..resources import Resources
from .metrics import Metrics

KNOWN = re.compile(
    r"\W*(BEGIN|COMMIT|COPY|DELETE|INSERT|MERGE|RELEASE|ROLLBACK|SAVEPOINT|SELECT|SET|UPDATE|WITH)\b", re.IGNORECASE
)
"""First words of SQL that have their own value in the metrics."""


class Clients:
    def __init__(self, tracer: Tracer | None, metrics: Metrics | None, resources: Resources) -> None:
        self._tracer, self._metrics = tracer, metrics
        hosts, redis = resources.settings.database.url.hosts(), urlsplit(resources.settings.redis.url)
        host, port = (hosts[0]["host"], hosts[0]["port"]) if hosts else (None, None)  # it may be a socket
        self._servers = {"postgresql": _server(host, port), "redis": _server(redis.hostname, redis.port)}
        for name, listener in (
            ("connect", self._connected),
            ("do_execute", self._execute),
            ("do_executemany", self._execute_many),
        ):
            event.listen(resources.engine.sync_engine, name, listener)
        self._observe(resources.redis)

    def _connected(self, connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's, with asyncpg's inside
        connection.driver_connection.add_query_logger(self._asked)

    def _asked(self, query: LoggedQuery) -> None:
        self._record("postgresql", _verb(query.query), query.elapsed, query.exception, query.query)

    def _execute(self, cursor: Any, statement: str, parameters: object, _: object) -> Literal[True]:  # noqa: ANN401
        with self._timed("postgresql", _verb(statement), statement):
            cursor.execute(statement, parameters)
        return True

    def _execute_many(self, cursor: Any, statement: str, parameters: object, _: object) -> Literal[True]:  # noqa: ANN401
        with self._timed("postgresql", _verb(statement), statement):
            cursor.executemany(statement, parameters)
        return True

    def _observe(self, redis: Redis) -> None:
        begin: Callable[..., Pipeline] = redis.pipeline

        def pipeline(*arguments: object, **options: object) -> Pipeline:
            begun = begin(*arguments, **options)
            begun.execute = self._observed(begun.execute, "PIPELINE")  # type: ignore[assignment,method-assign]
            return begun

        redis.execute_command = self._observed(redis.execute_command)  # type: ignore[assignment,method-assign]
        redis.pipeline = pipeline  # type: ignore[method-assign]

    def _observed(self, call: Callable[..., Awaitable[Any]], name: str = "") -> Callable[..., Awaitable[Any]]:
        async def observed(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as in redis-py
            with self._timed("redis", name or arguments[0].partition(" ")[0].upper()):
                return await call(*arguments, **options)

        return observed

    @contextmanager
    def _timed(self, system: str, name: str, text: str = "") -> Iterator[None]:
        failure: BaseException | None = None
        began = time.perf_counter()
        try:
            yield
        except BaseException as error:
            failure = error
            raise
        finally:
            self._record(system, name, time.perf_counter() - began, failure, text)

    def _record(self, system: str, name: str, seconds: float, error: BaseException | None, text: str = "") -> None:
        cause = error.__cause__ if isinstance(error, EmulatedDBAPIException) else error  # asyncpg's
        failure = type(cause).__qualname__ if cause else ""  # not its text, which may hold values
        if self._metrics:
            self._metrics.operations.labels(system, name, failure).observe(seconds)
        # Only inside a trace: calls outside of requests and jobs would be many traces of one span each.
        if self._tracer is None or get_current_span() is INVALID_SPAN:
            return
        attributes: dict[str, AttributeValue] = {"db.system.name": system, "db.operation.name": name}
        attributes |= self._servers[system] | ({"db.query.text": text} if text else {})
        began = time.time_ns() - round(seconds * 1e9)
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes, start_time=began)
        if failure:
            span.set_attribute("error.type", failure)
            span.set_status(StatusCode.ERROR)
        span.end()


def _verb(statement: str) -> str:
    found = KNOWN.match(statement)
    return found[1].upper() if found else "OTHER"


def _server(host: str | None, port: int | None) -> dict[str, AttributeValue]:
    return {key: value for key, value in (("server.address", host), ("server.port", port)) if value}
