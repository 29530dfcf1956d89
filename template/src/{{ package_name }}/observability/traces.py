"""Traces: a thread sends spans in batches, by OTLP over HTTP. No request waits for it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Thread

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from structlog.types import EventDict, WrappedLogger

from ..metadata import DISTRIBUTION, version
from .settings import OtelSettings

FLUSH_TIMEOUT = 2.0
"""Time in seconds to send the last spans: a receiver that is down must not keep the process alive."""

log = structlog.get_logger()


class Traces:
    def __init__(self, settings: OtelSettings) -> None:
        self._settings = settings
        with environment(settings):
            ours = Resource.create({"service.name": DISTRIBUTION, "service.version": version()})
            resource = ours.merge(OTELResourceDetector().detect())  # OTEL_SERVICE_NAME may name another service
            self.provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.provider.add_span_processor(_WithoutQuery())

    @asynccontextmanager
    async def exported(self) -> AsyncIterator[None]:
        with environment(self._settings):
            exporter = OTLPSpanExporter()
            self.provider.add_span_processor(BatchSpanProcessor(exporter))
        try:
            yield
        finally:
            last = Thread(target=self.provider.shutdown, daemon=True)
            last.start()
            await asyncio.to_thread(last.join, FLUSH_TIMEOUT)
            if last.is_alive():
                # Else it would try again, on a port that may belong to another program by then.
                exporter.shutdown()  # type: ignore[no-untyped-call]
                log.warning("the last spans did not leave in time", seconds=FLUSH_TIMEOUT)


@contextmanager
def environment(settings: OtelSettings) -> Iterator[None]:
    """Set the variables while the block runs: the SDK reads only the process's environment, and not `.env`."""
    before = os.environ.copy()
    os.environ.update(settings.variables)
    try:
        yield
    finally:
        for name in settings.variables:
            del os.environ[name]
        os.environ.update(before)


class _WithoutQuery(SpanProcessor):
    """Hide the whole query: FastAPI hides only the parameters whose names look secret."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - as inherited
        if span.attributes and "url.query" in span.attributes:
            span.set_attribute("url.query", "REDACTED")


def add_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add `trace_id` and `span_id` to a log line, in hexadecimal, if there is a trace."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = format_trace_id(span.trace_id)
        event["span_id"] = format_span_id(span.span_id)
    return event
