"""Clients: the duration of each call to PostgreSQL and Redis is measured and, inside a trace, becomes a span.

SQLAlchemy's events see the statements of sessions. asyncpg's query logger sees fast reads, BEGIN and COMMIT, which are
not prepared. For Redis, the application's own client is wrapped.
"""

import re
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

from asyncpg.connection import LoggedQuery
from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.util.types import AttributeValue
from prometheus_client import CollectorRegistry, Gauge, Histogram
from redis.asyncio.client import Pipeline
from sqlalchemy import event
from sqlalchemy.exc import EmulatedDBAPIException

from ..db.pool import pool_of
from ..resources import Resources

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
OPERATION = ("db_system_name", "db_operation_name", "error_type")
POOL, STATE = "db_client_connection_pool_name", "db_client_connection_state"
COMMANDS = re.compile(r"\W*(BEGIN|COMMIT|COPY|DELETE|INSERT|MERGE|ROLLBACK|SELECT|SET|UPDATE|WITH)\b", re.IGNORECASE)
"""SQL that has its own value in the metrics. A statement may begin with a comment, whose words are without limit."""

type Call = Callable[..., Coroutine[Any, Any, Any]]


class Clients:
    def __init__(self, tracer: Tracer, registry: CollectorRegistry) -> None:
        self._tracer = tracer
        self._servers: dict[str, dict[str, AttributeValue]] = {}
        self._durations = Histogram(
            "db_client_operation_duration_seconds", "Duration of calls.", OPERATION, registry=registry, buckets=BUCKETS
        )
        self._connections = Gauge("db_client_connection_count", "Open connections.", (POOL, STATE), registry=registry)
        self._allowed = Gauge("db_client_connection_max", "Connections that may be open.", (POOL,), registry=registry)

    def observe(self, resources: Resources) -> None:
        database, url = resources.settings.database, urlsplit(resources.settings.redis.url)
        hosts = database.url.hosts()
        host, port = (hosts[0]["host"], hosts[0]["port"]) if hosts else (None, None)  # it may be a socket
        self._servers = {"postgresql": _server(host, port), "redis": _server(url.hostname, url.port)}
        self._allowed.labels("postgresql").set(database.pool_size)
        self._allowed.labels("redis").set(resources.settings.redis.max_connections)
        engine, pool, redis = resources.engine.sync_engine, pool_of(resources.engine), resources.redis
        counts = redis.connection_pool.get_connection_count
        self._connections.labels("postgresql", "idle").set_function(pool.checkedin)
        self._connections.labels("postgresql", "used").set_function(pool.checkedout)
        self._connections.labels("redis", "idle").set_function(lambda: counts()[0][0])
        self._connections.labels("redis", "used").set_function(lambda: counts()[1][0])
        event.listen(engine, "connect", lambda opened, _: opened.driver_connection.add_query_logger(self._logged))
        event.listen(engine, "do_execute", partial(self._execute, "execute"))
        event.listen(engine, "do_executemany", partial(self._execute, "executemany"))
        redis.execute_command = self._timed_call(redis.execute_command)  # type: ignore[method-assign]
        redis.pipeline = partial(self._pipeline, redis.pipeline)  # type: ignore[method-assign]

    def _logged(self, query: LoggedQuery) -> None:
        self._record("postgresql", query.query, query.elapsed, query.exception)

    def _execute(self, method: str, cursor: Any, statement: str, parameters: object, _: object) -> Literal[True]:  # noqa: ANN401
        with self._timed("postgresql", statement):
            getattr(cursor, method)(statement, parameters)
        return True

    def _pipeline(self, begin: Callable[..., Pipeline], *arguments: object, **options: object) -> Pipeline:
        begun = begin(*arguments, **options)
        begun.execute = self._timed_call(begun.execute, "PIPELINE")  # type: ignore[method-assign]
        return begun

    def _timed_call(self, call: Call, name: str = "") -> Call:
        async def timed_call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as in redis-py
            with self._timed("redis", name or arguments[0]):
                return await call(*arguments, **options)

        return timed_call

    @contextmanager
    def _timed(self, system: str, text: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        except BaseException as error:
            self._record(system, text, time.perf_counter() - began, error)
            raise
        self._record(system, text, time.perf_counter() - began)

    def _record(self, system: str, text: str, seconds: float, error: BaseException | None = None) -> None:
        name = _command(text) if system == "postgresql" else text.partition(" ")[0].upper()
        cause = error.__cause__ if isinstance(error, EmulatedDBAPIException) else error  # asyncpg's
        failure = type(cause).__qualname__ if cause else ""  # not its text, which may hold values
        self._durations.labels(system, name, failure).observe(seconds)
        # Only inside a trace: calls outside of requests and jobs would be many traces of one span each.
        if not get_current_span().is_recording():
            return
        attributes = {"db.system.name": system, "db.operation.name": name, **self._servers[system]}
        if system == "postgresql":
            attributes["db.query.text"] = text
        began = time.time_ns() - round(seconds * 1e9)
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes, start_time=began)
        if failure:
            span.set_attribute("error.type", failure)
            span.set_status(StatusCode.ERROR)
        span.end()


def _command(statement: str) -> str:
    found = COMMANDS.match(statement)
    return found[1].upper() if found else "OTHER"


def _server(host: str | None, port: int | None) -> dict[str, AttributeValue]:
    return {key: value for key, value in (("server.address", host), ("server.port", port)) if value}
