"""What FastAPI measures of requests, for prometheus_client.

FastAPI measures with OpenTelemetry's API. Behind it, OpenTelemetry's SDK would make some sixty calls of each
measurement, and a request cost a third more; prometheus_client looks into a dictionary and adds.
"""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider, NoOpMeter, UpDownCounter
from opentelemetry.util.types import Attributes
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client import Histogram as PrometheusHistogram

# Of all that FastAPI tells of a request, what there are few values of: every combination is a time series.
LABELS = {
    "http.server.request.duration": ("http.request.method", "http.route", "http.response.status_code"),
    "http.server.active_requests": ("http.request.method",),
}


class RequestMeters(MeterProvider):
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def get_meter(
        self, name: str, version: str | None = None, schema_url: str | None = None, attributes: Attributes = None
    ) -> Meter:
        del attributes
        return _Meter(name, version, schema_url, registry=self._registry)


class _Meter(NoOpMeter):
    """Keeps what `LABELS` names, and ignores other instruments that FastAPI may make one day."""

    def __init__(self, name: str, version: str | None, schema_url: str | None, *, registry: CollectorRegistry) -> None:
        super().__init__(name, version, schema_url)
        self._registry = registry

    def create_histogram(
        self,
        name: str,
        unit: str = "",
        description: str = "",
        *,
        explicit_bucket_boundaries_advisory: Sequence[float] | None = None,
    ) -> Histogram:
        if name not in LABELS:
            return super().create_histogram(name, unit, description)
        return _Histogram(
            LABELS[name],
            PrometheusHistogram(
                f"{_name(name)}_seconds",
                description,
                _names(name),
                registry=self._registry,
                buckets=explicit_bucket_boundaries_advisory or PrometheusHistogram.DEFAULT_BUCKETS,
            ),
        )

    def create_up_down_counter(self, name: str, unit: str = "", description: str = "") -> UpDownCounter:
        if name not in LABELS:
            return super().create_up_down_counter(name, unit, description)
        return _UpDownCounter(LABELS[name], Gauge(_name(name), description, _names(name), registry=self._registry))


class _Histogram(Histogram):
    def __init__(self, keys: Sequence[str], metric: PrometheusHistogram) -> None:
        self._keys, self._metric = keys, metric

    def record(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:
        del context
        self._metric.labels(*_values(self._keys, attributes)).observe(amount)


class _UpDownCounter(UpDownCounter):
    def __init__(self, keys: Sequence[str], metric: Gauge) -> None:
        self._keys, self._metric = keys, metric

    def add(self, amount: float, attributes: Attributes = None, context: Context | None = None) -> None:
        del context
        self._metric.labels(*_values(self._keys, attributes)).inc(amount)


def _name(name: str) -> str:
    return name.replace(".", "_")


def _names(name: str) -> list[str]:
    return [_name(key) for key in LABELS[name]]


def _values(keys: Sequence[str], attributes: Attributes) -> list[object]:
    """Those of the labels; a request that led to no route has none, which Prometheus takes as an empty one."""
    given = attributes or {}
    return [given.get(key, "") for key in keys]
