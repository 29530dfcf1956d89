"""What PostgreSQL and Redis are asked: each call gets its duration measured and, within a trace, a span.

The methods of asyncpg and redis-py are replaced for as long as the application lives, which is how OpenTelemetry's own
instrumentation of them works too. Neither has a hook that sees all: asyncpg's loggers of queries do not hear of
prepared statements, which are what SQLAlchemy uses, and redis-py's metrics know only one provider for the process.
"""

import functools
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.util.types import AttributeValue

from ..settings import Settings
from .metrics import Metrics
from .operations import METHODS, Describe, Operation


@contextmanager
def observed_clients(tracer: Tracer | None, metrics: Metrics | None, settings: Settings) -> Iterator[None]:
    servers = _servers(settings)

    def started(operation: Operation) -> Span:
        # Only within a trace: what the application does by itself would be many traces of one span each.
        if tracer is None or get_current_span() is INVALID_SPAN:
            return INVALID_SPAN
        attributes: dict[str, AttributeValue] = {
            "db.system.name": operation.system,
            "db.operation.name": operation.name,
            **servers[operation.system],
        }
        if operation.text:
            attributes["db.query.text"] = operation.text
        return tracer.start_span(operation.name, kind=SpanKind.CLIENT, attributes=attributes)

    def observed[**P, R](method: Callable[P, Awaitable[R]], describe: Describe) -> Callable[P, Awaitable[R]]:
        @functools.wraps(method)
        async def call(*args: P.args, **kwargs: P.kwargs) -> R:
            operation = describe(*args, **kwargs)
            span = started(operation)
            failure = ""
            began = time.perf_counter()
            try:
                return await method(*args, **kwargs)
            except BaseException as error:
                failure = type(error).__qualname__  # not what it says: there are values in it
                span.set_attribute("error.type", failure)
                span.set_status(StatusCode.ERROR)
                raise
            finally:
                if metrics:
                    seconds = time.perf_counter() - began
                    metrics.operations.labels(operation.system, operation.name, failure).observe(seconds)
                span.end()

        return call

    with ExitStack() as stack:
        for owner, names, describe in METHODS:
            for name in names:
                method = getattr(owner, name)
                setattr(owner, name, observed(method, describe))
                stack.callback(setattr, owner, name, method)
        yield


def _servers(settings: Settings) -> dict[str, dict[str, AttributeValue]]:
    hosts, redis = settings.database.url.hosts(), urlsplit(settings.redis.url)
    database = (hosts[0]["host"], hosts[0]["port"]) if hosts else (None, None)  # it may be a socket
    addresses = {"postgresql": database, "redis": (redis.hostname, redis.port)}
    return {
        system: {key: value for key, value in (("server.address", host), ("server.port", port)) if value}
        for system, (host, port) in addresses.items()
    }
