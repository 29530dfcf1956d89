"""Bridge: passes FastAPI's measurements of requests from OpenTelemetry's API to prometheus_client.

OpenTelemetry's SDK makes some sixty calls for each measurement, and a request would cost a third more.
prometheus_client looks up a dictionary and adds a number.
"""

from typing import Any

from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider, NoOpMeter, UpDownCounter
from opentelemetry.util.types import Attributes
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client import Histogram as PrometheusHistogram

# Of all attributes of a request, only those with few values: every combination is a time series.
LABELS = {
    "http.server.request.duration": ("http.request.method", "http.route", "http.response.status_code"),
    "http.server.active_requests": ("http.request.method",),
}


class RequestMeters(MeterProvider):
    """Meters of the instruments in `LABELS`. Other instruments, which FastAPI may add later, are ignored."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def get_meter(self, *_: object, **__: object) -> Meter:
        return _Meter(self._registry)


class _Meter(NoOpMeter):
    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__("fastapi")
        self._registry = registry

    def create_histogram(self, name: str, unit: str = "", description: str = "", **options: Any) -> Histogram:  # noqa: ANN401 - as inherited
        if name not in LABELS:
            return super().create_histogram(name, unit, description)
        buckets = options.get("explicit_bucket_boundaries_advisory") or PrometheusHistogram.DEFAULT_BUCKETS
        kept: dict[str, Any] = {"labelnames": _names(name), "buckets": buckets, "registry": self._registry}
        return _Histogram(name, PrometheusHistogram(f"{_name(name)}_seconds", description, **kept))

    def create_up_down_counter(self, name: str, unit: str = "", description: str = "") -> UpDownCounter:
        if name not in LABELS:
            return super().create_up_down_counter(name, unit, description)
        return _UpDownCounter(name, Gauge(_name(name), description, _names(name), registry=self._registry))


class _Histogram(Histogram):
    def __init__(self, name: str, metric: PrometheusHistogram) -> None:
        self._keys, self._metric = LABELS[name], metric

    def record(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:  # noqa: ARG002
        self._metric.labels(*_values(self._keys, attributes)).observe(amount)


class _UpDownCounter(UpDownCounter):
    def __init__(self, name: str, metric: Gauge) -> None:
        self._keys, self._metric = LABELS[name], metric

    def add(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:  # noqa: ARG002
        self._metric.labels(*_values(self._keys, attributes)).inc(amount)


def _name(name: str) -> str:
    return name.replace(".", "_")


def _names(name: str) -> list[str]:
    return [_name(key) for key in LABELS[name]]


def _values(keys: tuple[str, ...], attributes: Attributes) -> list[object]:
    """Return the values of the labels. Without a route, it is empty, which is the same as no label in Prometheus."""
    given = attributes or {}
    return [given.get(key, "") for key in keys]
