"""All metrics of one process, under OpenTelemetry's standard names in Prometheus's spelling."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from .bridge import RequestMeters

OPERATION_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # one more series for each, of when it began
        self.registry = CollectorRegistry()
        self.requests = RequestMeters(self.registry)
        self.requests_shed = Counter(
            "http_server_requests_shed", "Requests refused because of too many at once.", registry=self.registry
        )
        self.operations = Histogram(
            "db_client_operation_duration_seconds",
            "Duration of what PostgreSQL and Redis are asked.",
            ("db_system_name", "db_operation_name", "error_type"),
            registry=self.registry,
            buckets=OPERATION_BUCKETS,
        )
        self.connections = Gauge(
            "db_client_connection_count",
            "Connections that are open.",
            ("db_client_connection_pool_name", "db_client_connection_state"),
            registry=self.registry,
        )
        self.connections_allowed = Gauge(
            "db_client_connection_max",
            "Connections that may be open.",
            ("db_client_connection_pool_name",),
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
