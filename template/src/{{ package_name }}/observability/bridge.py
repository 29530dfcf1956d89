"""Bridge: passes FastAPI's measurements of requests from OpenTelemetry's API to prometheus_client.

With OpenTelemetry's SDK in its place, a read would cost an eighth more. Of all attributes of a request, those with few
values are kept: every combination is a time series.
"""

import prometheus_client
from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider, NoOpMeter, UpDownCounter
from opentelemetry.util.types import Attributes
from prometheus_client import CollectorRegistry, Gauge


class RequestMeter(NoOpMeter, MeterProvider):
    """Meter with two instruments, and its own provider. Others, which FastAPI may add later, are ignored."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__("fastapi")
        self._duration, self._active = _Duration(registry), _Active(registry)

    def get_meter(self, *_: object, **__: object) -> Meter:
        return self

    def create_histogram(self, name: str, *_: object, **__: object) -> Histogram:
        return self._duration if name == "http.server.request.duration" else super().create_histogram(name)

    def create_up_down_counter(self, name: str, *_: object, **__: object) -> UpDownCounter:
        return self._active if name == "http.server.active_requests" else super().create_up_down_counter(name)


class _Duration(Histogram):
    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("http_request_method", "http_route", "http_response_status_code")
        name = "http_server_request_duration_seconds"
        self._metric = prometheus_client.Histogram(name, "Duration of requests.", labels, registry=registry)

    def record(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:  # noqa: ARG002 - as inherited
        # Without a route, the label is empty, which is the same as no label in Prometheus.
        given = attributes or {}
        method, route = given.get("http.request.method", ""), given.get("http.route", "")
        self._metric.labels(method, route, given.get("http.response.status_code", "")).observe(amount)


class _Active(UpDownCounter):
    def __init__(self, registry: CollectorRegistry) -> None:
        self._metric = Gauge(
            "http_server_active_requests", "Requests in flight.", ("http_request_method",), registry=registry
        )

    def add(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:  # noqa: ARG002 - as inherited
        self._metric.labels((attributes or {}).get("http.request.method", "")).inc(amount)
