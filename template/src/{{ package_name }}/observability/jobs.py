"""Jobs: each attempt is a measurement, and a span of the trace in which the job was enqueued."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.trace import SpanKind, StatusCode, Tracer, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Gauge, Histogram

BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)
STATUSES = {"queued": "waiting", "picked": "running", "failed": "dead"}

propagator = TraceContextTextMapPropagator()


class Jobs:
    def __init__(self, tracer: Tracer, registry: CollectorRegistry) -> None:
        self._tracer = tracer
        self._durations = Histogram(
            "jobs_duration_seconds", "Attempts of jobs.", ("job_name", "error_type"), registry=registry, buckets=BUCKETS
        )
        counted = "Jobs in the queue, seen by each worker alike."
        self._counts = Gauge("jobs_count", counted, ("job_name", "status"), registry=registry)
        waited = "For how long the oldest waiting job has been due, seen by each worker alike; 0 if none is due."
        self._waits = Gauge("jobs_oldest_waiting_seconds", waited, ("job_name",), registry=registry)

    @contextmanager
    def observe(self, name: str, trace: Mapping[str, str]) -> Iterator[None]:
        span = self._tracer.start_span(name, propagator.extract(trace), kind=SpanKind.CONSUMER)
        failure = ""
        began = time.perf_counter()
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield
            except BaseException as error:
                failure = type(error.__cause__ or error).__qualname__  # not its text, which may hold values
                span.set_attribute("error.type", failure)
                span.set_status(StatusCode.ERROR)
                raise
            finally:
                self._durations.labels(name, failure).observe(time.perf_counter() - began)

    def count(self, counts: Mapping[tuple[str, str], int]) -> None:
        self._counts.clear()
        for (name, status), count in counts.items():
            self._counts.labels(name, STATUSES.get(status, status)).set(count)

    def measure_wait(self, seconds: Mapping[str, float]) -> None:
        self._waits.clear()
        for name, age in seconds.items():
            self._waits.labels(name).set(age)


def context_of_trace() -> dict[str, str]:
    """Return `traceparent`, if there is a trace."""
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    return carrier
