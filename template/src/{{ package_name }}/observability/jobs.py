"""Jobs: each attempt is a measurement, and a span of the trace in which the job was enqueued."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.trace import INVALID_SPAN, SpanKind, StatusCode, Tracer, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .metrics import Metrics

STATUSES = {"queued": "waiting", "picked": "running", "failed": "dead"}

propagator = TraceContextTextMapPropagator()


def context_of_trace() -> dict[str, str]:
    """Return `traceparent`, if there is a trace."""
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    return carrier


@contextmanager
def observed_job(tracer: Tracer | None, metrics: Metrics | None, name: str, trace: Mapping[str, str]) -> Iterator[None]:
    context = propagator.extract(trace)
    span = tracer.start_span(name, context, kind=SpanKind.CONSUMER) if tracer else INVALID_SPAN
    failure = ""
    began = time.perf_counter()
    try:
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield
            except BaseException as error:
                failure = type(error.__cause__ or error).__qualname__  # not its text, which may hold values
                span.set_attribute("error.type", failure)
                span.set_status(StatusCode.ERROR)
                raise
    finally:
        if metrics:
            metrics.jobs.labels(name, failure).observe(time.perf_counter() - began)
