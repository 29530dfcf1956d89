"""Spans leave in batches, by OTLP over HTTP, from a thread that no request waits for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from ..settings import OtelSettings
from .bounded import within
from .resource import environment, resource

FLUSH_TIMEOUT = 2.0
"""Seconds that the last spans get to leave: a receiver that is down must not keep the process alive."""

log = structlog.get_logger()


class Traces:
    def __init__(self, settings: OtelSettings) -> None:
        self._settings = settings
        with environment(settings):
            self.provider = TracerProvider(resource=resource(), shutdown_on_exit=False)

    @asynccontextmanager
    async def exported(self) -> AsyncIterator[None]:
        with environment(self._settings):
            self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        try:
            yield
        finally:
            if not await within(FLUSH_TIMEOUT, self.provider.shutdown):
                log.warning("the last spans did not leave in time", seconds=FLUSH_TIMEOUT)
