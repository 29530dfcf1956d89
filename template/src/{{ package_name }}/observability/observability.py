"""What observes one application: FastAPI measures and traces its requests, `clients` what it asks of others."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import get_current_span
from starlette.types import Scope
from structlog.types import Processor

from ..metadata import DISTRIBUTION, version
from ..principal import Principal
from ..resources import Resources
from ..settings import Settings
from ..telemetry import Telemetry
from .clients import observed_clients
from .logs import add_trace
from .metrics import Metrics
from .pools import count_connections
from .server import served
from .settings import MetricsSettings, OtelSettings
from .traces import Traces

HEALTH = "/health/"
"""Probes come every few seconds and say nothing of the users; they would dilute every figure."""


class Observability(Telemetry):
    log_processors: tuple[Processor, ...] = (add_trace,)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        otel = settings[OtelSettings]
        self._traces = Traces(otel) if otel.traces_wanted else None
        self._metrics = Metrics() if settings[MetricsSettings].port else None

    @property
    def config(self) -> TelemetryConfig:
        return {
            "tracing": self._traces is not None,
            "tracer_provider": self._traces.provider if self._traces else None,
            "metrics": self._metrics is not None,
            "meter_provider": self._metrics.requests if self._metrics else None,
            "logs": False,  # ours carry the ids of the trace
            "operation_spans": False,  # four more spans for each request, of what the profiler shows better
            "auto_configure": False,
            "exclude": _is_probe,
        }

    def shed(self) -> None:
        if self._metrics:
            self._metrics.requests_shed.inc()

    def identify(self, principal: Principal) -> None:
        """The attribute is OpenTelemetry's: its semantic conventions, "User attributes"."""
        get_current_span().set_attribute("user.id", str(principal))

    @asynccontextmanager
    async def observe(self, resources: Resources) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if self._traces:
                await stack.enter_async_context(self._traces.exported())
            if self._metrics:
                count_connections(self._metrics, resources)
                await stack.enter_async_context(served(self._metrics.registry, self._settings[MetricsSettings]))
            if self._traces or self._metrics:
                tracer = self._traces.provider.get_tracer(DISTRIBUTION, version()) if self._traces else None
                stack.enter_context(observed_clients(tracer, self._metrics, resources.settings))
            yield


def _is_probe(scope: Scope) -> bool:
    return str(scope["path"]).removeprefix(scope.get("root_path", "")).startswith(HEALTH)
